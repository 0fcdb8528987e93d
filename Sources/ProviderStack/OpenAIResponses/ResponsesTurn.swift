import OrderedCollections
import ParleyCore

/// An assistant's turn in the dialect's own items, and what of them must be remembered to send them again.
///
/// A model that reasons wants its sealed thoughts back, each before the very item that it led to, with the ids that they
/// came with; and since `gpt-5.3-codex` each message wants its `phase` back. The continuation therefore holds the items
/// in their order without what the message holds anyway: texts and arguments.
enum ResponsesTurn {
    /// Between the texts of two message items of one answer.
    static let separator = "\n\n"

    /// The items of a turn: as they came where the turn is still the one that came, else text and calls alone.
    ///
    /// Another provider could not open the seal (`invalid_encrypted_content`), so a continuation goes back only to
    /// whom it is from.
    static func items(of message: Message, provider: ProviderName) -> [JSON] {
        if let continuation = message.continuation,
            continuation["dialect"]?.stringValue == Dialect.openAIResponses.rawValue,
            continuation["provider"]?.stringValue == provider.text,
            let items = restored(continuation["items"]?.arrayValue ?? [], with: message)
        {
            return items
        }
        var items: [JSON] = []
        if !message.content.isEmpty {
            items.append(["content": .string(message.content), "role": "assistant"])
        }
        return items + message.toolCalls.map { json($0, id: nil) }
    }

    /// Nil when text or calls are not those that the outline was made of: then no thought would be followed by what it
    /// led to, which is refused.
    private static func restored(_ outline: [JSON], with message: Message) -> [JSON]? {
        var text = message.content.utf8[...]
        var calls = message.toolCalls[...]
        var items: [JSON] = []
        for part in outline {
            switch part["type"]?.stringValue {
            case "function_call":
                guard let call = calls.popFirst(), part["call_id"]?.stringValue == call.id else { return nil }
                items.append(json(call, id: part["id"]))
            case "message":
                let length = part["bytes"]?.intValue ?? text.count
                guard length > 0, length <= text.count else { return nil }
                items.append(json(String(decoding: text.prefix(length), as: UTF8.self), of: part))
                text = text.dropFirst(length)
                if !text.isEmpty {
                    guard text.starts(with: separator.utf8) else { return nil }
                    text = text.dropFirst(separator.utf8.count)
                }
            default: items.append(part)
            }
        }
        return calls.isEmpty && text.isEmpty ? items : nil
    }

    /// The full form wants an id; without one the short form has to do.
    private static func json(_ text: String, of part: JSON) -> JSON {
        var members: JSONObject = ["role": "assistant"]
        if let id = part["id"] {
            members["content"] = [["annotations": [], "text": .string(text), "type": "output_text"]]
            members["id"] = id
            members["status"] = "completed"
            members["type"] = "message"
        } else {
            members["content"] = .string(text)
        }
        members["phase"] = part["phase"]
        return .object(members)
    }

    private static func json(_ call: ToolCall, id: JSON?) -> JSON {
        var members: JSONObject = [
            "arguments": .string(call.arguments.rawText), "call_id": .string(call.id),
            "name": .string(call.name), "type": "function_call",
        ]
        members["id"] = id
        return .object(members)
    }
}

extension ResponsesOutput {
    /// What is remembered of an answer's items; nil where nothing is sealed and no message has a phase.
    func continuation(from provider: ProviderName) -> JSON? {
        guard items.contains(where: { $0.sealed != nil || $0.phase != nil }) else { return nil }
        let spoken = items.filter { $0.kind == .message && !$0.text.isEmpty }
        // Text that came mixed cannot be taken apart again.
        guard !isMixed || spoken.count < 2 else { return nil }
        var outline: [JSON] = []
        for (place, item) in items.enumerated() {
            switch item.kind {
            case .reasoning: if let sealed = item.sealed { outline.append(sealed) }
            case .message:
                guard !item.text.isEmpty else { continue }
                var members: JSONObject = ["type": "message"]
                members["id"] = item.id.map { .string($0) }
                members["phase"] = item.phase.map { .string($0) }
                if spoken.count > 1 { members["bytes"] = .int(item.text.utf8.count) }
                outline.append(.object(members))
            case .call:
                var members: JSONObject = ["type": "function_call", "call_id": .string(callID(at: place))]
                members["id"] = item.id.map { .string($0) }
                outline.append(.object(members))
            }
        }
        // A thought that led to nothing would be refused.
        while outline.last?["type"]?.stringValue == "reasoning" { outline.removeLast() }
        guard !outline.isEmpty else { return nil }
        return [
            "dialect": .string(Dialect.openAIResponses.rawValue), "items": .array(outline),
            "provider": .string(provider.text),
        ]
    }
}
