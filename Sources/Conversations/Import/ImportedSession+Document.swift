import ConversationStore
import OrderedCollections
import ParleyCore

extension ImportedSession {
    /// Reads what ``SessionDocument/json`` wrote.
    init(document: JSON, place: String) throws(ImportFault) {
        guard document.objectValue != nil else {
            throw ImportFault(reason: "a session is an object, not \(document.kindName)")
        }
        guard let version = document["parley"]?.intValue else {
            throw ImportFault(reason: "it has no `parley`, so it was not written by `parley sessions export`")
        }
        guard version == SessionDocument.version else {
            throw ImportFault(
                reason: "its version is \(version), and this parley reads \(SessionDocument.version)")
        }
        guard let model = document["model"]?.stringValue.flatMap({ ModelName($0) }) else {
            throw ImportFault(reason: "its `model` must be a text such as openai/gpt-5.4-mini")
        }
        guard let origin = document["origin"]?.stringValue, origin.hasPrefix("parley:") else {
            throw ImportFault(reason: "its `origin` must be a text that begins with parley:")
        }
        guard let messages = document["messages"]?.arrayValue else {
            throw ImportFault(reason: "its `messages` must be an array")
        }
        self.init(
            origin: origin, place: place, title: document["title"]?.stringValue ?? "",
            role: document["role"]?.stringValue ?? "default", model: model,
            system: document["system"]?.stringValue,
            settings: SessionSettings(json: document["settings"] ?? .object([:])),
            isArchived: document["status"]?.stringValue == SessionStatus.archived.rawValue,
            createdAt: document["created_at"]?.moment, updatedAt: document["updated_at"]?.moment)
        if let first = messages.first?["position"]?.intValue, document["forked_messages"]?.intValue == nil,
            first > 0
        {
            throw ImportFault(reason: "its beginning is missing: the first message is number \(first)")
        }
        for (index, element) in messages.enumerated() {
            do {
                self.messages.append(try ImportedMessage(document: element))
            } catch {
                throw ImportFault(place: "message \(index + 1)", reason: error.reason)
            }
        }
    }
}

extension ImportedMessage {
    fileprivate init(document: JSON) throws(ImportFault) {
        guard let role = document["role"]?.stringValue.flatMap({ Message.Role(rawValue: $0) }),
            let content = document["content"]?.stringValue
        else {
            throw ImportFault(
                reason: "it needs a `role` (system, user, assistant or tool) and a text `content`")
        }
        var message = Message(
            role: role, content: content, reasoning: document["reasoning"]?.stringValue,
            toolCallID: document["tool_call_id"]?.stringValue,
            isError: document["is_error"]?.boolValue ?? false,
            isProtected: document["protected"]?.boolValue ?? false,
            continuation: document["continuation"])
        if role == .tool, message.toolCallID == nil {
            throw ImportFault(reason: "it is a tool's, but has no tool_call_id")
        }
        for (index, call) in (document["tool_calls"]?.arrayValue ?? []).enumerated() {
            guard let name = call["name"]?.stringValue, let raw = call["arguments"]?.stringValue,
                let id = call["id"]?.stringValue
            else {
                throw ImportFault(reason: "its tool call \(index + 1) needs the texts id, name and arguments")
            }
            let arguments: ToolCall.Arguments =
                call["repaired"]?.objectValue.map { .repaired($0, raw: raw) } ?? .init(exactly: raw)
            message.toolCalls.append(ToolCall(id: id, name: name, arguments: arguments))
        }
        let answer = ImportedAnswer(
            model: document["model"]?.stringValue,
            usage: document["usage"].flatMap { $0.isNull ? nil : Usage(document: $0) },
            cost: document["cost_usd"]?.stringValue.flatMap { Picodollars(dollars: $0) })
        self.init(
            message, isPartial: document["partial"]?.boolValue ?? false,
            finishReason: document["finish_reason"]?.stringValue,
            isExtra: document["extra"]?.boolValue ?? false, setAsideAt: document["set_aside_at"]?.moment,
            createdAt: document["at"]?.moment, answer: role == .assistant && !answer.isEmpty ? answer : nil)
    }
}

extension ToolCall.Arguments {
    /// As they were read once: an object, or what cannot be read.
    fileprivate init(exactly raw: String) {
        self = (try? JSON(parsing: raw))?.objectValue.map { .parsed($0) } ?? .invalid(raw: raw)
    }
}
