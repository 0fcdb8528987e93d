import OrderedCollections
import ParleyCore

extension ResponsesCodec {
    /// The conversation as input items.
    ///
    /// Messages go in the short form that every server of the dialect understands; an assistant's turn that carries a
    /// continuation goes as it came. `json_object` is refused unless an input item speaks of JSON, and the instructions
    /// do not count; then one is put in front.
    func input(of request: CompletionRequest) -> [JSON] {
        var items: [JSON] = []
        items.reserveCapacity(request.messages.count + 1)
        if request.responseFormat == .jsonObject, !request.messages.contains(where: \.speaksOfJSON) {
            items.append(
                ["content": .string(RequestBody.jsonInstruction), "role": .string(systemRole)])
        }
        for message in request.messages where !message.isGhost {
            switch message.role {
            case .system:
                items.append(["content": .string(message.content), "role": .string(systemRole)])
            case .user: items.append(["content": .string(message.content), "role": "user"])
            case .assistant:
                items += ResponsesTurn.items(of: message, provider: context.provider)
            case .tool: items.append(Self.output(of: message))
            }
        }
        return items
    }

    /// Codex refuses system messages among the input.
    private var systemRole: String { context.quirks.instructionsDefault == nil ? "system" : "developer" }

    /// A tool's result. The dialect has no field for a tool that failed, so the text says it.
    private static func output(of message: Message) -> JSON {
        let text = message.isError ? "Error: \(message.content)" : message.content
        return [
            "call_id": .string(message.toolCallID ?? ""), "output": .string(text),
            "type": "function_call_output",
        ]
    }
}

extension Message {
    fileprivate var speaksOfJSON: Bool {
        content.contains("JSON") || content.contains("json") || content.lowercased().contains("json")
    }
}
