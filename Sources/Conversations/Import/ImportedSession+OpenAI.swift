import ConversationStore
import OrderedCollections
import ParleyCore

extension ImportedSession {
    /// Reads `{"messages": […]}` or a bare array of messages. A system message at the beginning is the system prompt.
    init(openAI document: JSON, place: String) throws(ImportFault) {
        guard let messages = document.arrayValue ?? document["messages"]?.arrayValue else {
            let wanted = "an object with an array `messages`, or an array of messages"
            guard let object = document.objectValue else {
                throw ImportFault(reason: "\(wanted) is expected here, not \(document.kindName)")
            }
            let names = object.keys.prefix(5).joined(separator: ", ")
            throw ImportFault(
                reason: "\(wanted) is expected; this object has \(names.isEmpty ? "nothing" : names)")
        }
        let model = document["model"]?.stringValue
        self.init(
            origin: Self.origin("openai", hashing: document.bytes(sortsKeys: true)), place: place,
            title: document["title"]?.stringValue ?? "",
            model: model.map { ModelName($0) ?? ModelName(provider: "openai", model: $0) }
                ?? Self.unknownModel,
            createdAt: (document["created_at"] ?? document["created"])?.moment)
        for (index, element) in messages.enumerated() {
            let message: Message
            do { message = try Message(openAI: element) } catch {
                throw ImportFault(place: "message \(index + 1)", reason: error.reason)
            }
            if message.role == .system, self.messages.isEmpty, system == nil {
                system = message.content
            } else {
                let answer = message.role == .assistant ? model.map { ImportedAnswer(model: $0) } : nil
                self.messages.append(ImportedMessage(message, createdAt: createdAt, answer: answer))
            }
        }
        guard !self.messages.isEmpty else { throw ImportFault(reason: "there is no message in it") }
        updatedAt = createdAt
        try requireCalls()
    }

    /// Each result answers a call that stands before it.
    func requireCalls() throws(ImportFault) {
        var calls: Set<String> = []
        for (index, imported) in messages.enumerated() {
            calls.formUnion(imported.message.toolCalls.map(\.id))
            guard imported.message.role == .tool, let call = imported.message.toolCallID else { continue }
            guard calls.contains(call) else {
                let number = index + 1 + (system == nil ? 0 : 1)
                throw ImportFault(
                    place: "message \(number)",
                    reason: "it answers the call '\(call)', which no message before it makes")
            }
        }
    }
}

extension Message {
    /// A message of chat completions.
    fileprivate init(openAI document: JSON) throws(ImportFault) {
        guard document.objectValue != nil else {
            throw ImportFault(reason: "a message is an object, not \(document.kindName)")
        }
        let role: Role
        switch document["role"]?.stringValue {
        case "system", "developer": role = .system
        case "user": role = .user
        case "assistant": role = .assistant
        case "tool", "function": role = .tool
        case let word:
            let found = word.map { "'\($0)'" } ?? document["role"]?.kindName ?? "missing"
            throw ImportFault(reason: "its role is \(found), but must be system, user, assistant or tool")
        }
        self.init(
            role: role, content: try Self.text(of: document["content"] ?? .null),
            reasoning: (document["reasoning_content"] ?? document["reasoning"])?.stringValue)
        switch role {
        case .assistant: toolCalls = try Self.calls(of: document)
        case .tool:
            guard let id = (document["tool_call_id"] ?? document["name"])?.stringValue else {
                throw ImportFault(reason: "it is a tool's, but has no tool_call_id")
            }
            toolCallID = id
        case .system, .user: break
        }
        if content.isEmpty, role == .user { throw ImportFault(reason: "it has no content") }
    }

    /// A text, or parts of which all are texts.
    private static func text(of content: JSON) throws(ImportFault) -> String {
        switch content {
        case .string(let text): return text
        case .null: return ""
        case .array(let parts):
            var text = ""
            for (index, part) in parts.enumerated() {
                let type = part["type"]?.stringValue ?? part.kindName
                guard let piece = (part["text"] ?? part["refusal"])?.stringValue else {
                    throw ImportFault(
                        reason: "part \(index + 1) of its content is '\(type)', and parley keeps text only")
                }
                text += piece
            }
            return text
        default: throw ImportFault(reason: "its content is \(content.kindName), but must be a text or parts")
        }
    }

    /// `tool_calls`, or the `function_call` of older files, which has no id and is answered by its name.
    private static func calls(of document: JSON) throws(ImportFault) -> [ToolCall] {
        if let call = document["function_call"], let name = call["name"]?.stringValue {
            return [
                ToolCall(
                    id: name, name: name, arguments: .init(reading: call["arguments"]?.stringValue ?? ""))
            ]
        }
        var calls: [ToolCall] = []
        for (index, call) in (document["tool_calls"]?.arrayValue ?? []).enumerated() {
            guard let name = call["function"]?["name"]?.stringValue else {
                throw ImportFault(reason: "its tool call \(index + 1) is of no function with a name")
            }
            let arguments = call["function"]?["arguments"]
            calls.append(
                ToolCall(
                    id: call["id"]?.stringValue ?? "call_\(index)", name: name,
                    arguments: .init(reading: arguments?.stringValue ?? arguments?.text() ?? "")))
        }
        return calls
    }
}

extension JSON {
    /// A text in ISO 8601, or seconds since 1970.
    var moment: Timestamp? {
        if let text = stringValue { return Timestamp(iso8601: text) }
        guard let seconds = doubleValue, (0..<253_402_300_800).contains(seconds) else { return nil }
        return Timestamp(milliseconds: Int64(seconds * 1000))
    }
}
