import OrderedCollections
import ParleyCore

extension ResponsesCodec {
    /// The conversation as input items.
    ///
    /// Messages go in the short form that every server of the dialect understands; an assistant's turn that carries a
    /// continuation goes as it came. `json_object` is refused unless an input item speaks of JSON, and the instructions
    /// do not count; then one is put in front.
    func input(of request: CompletionRequest, marks: CacheMarks = .none) -> [JSON] {
        var items: [JSON] = []
        items.reserveCapacity(request.messages.count + 2)
        if marks.system, let system = RequestBody.system(of: request) {
            items.append(
                [
                    "content": .array([marks.marked(Self.part(system))]),
                    "role": .string(systemRole),
                ])
        }
        if request.responseFormat == .jsonObject, !request.messages.contains(where: \.speaksOfJSON) {
            items.append(
                ["content": .string(RequestBody.jsonInstruction), "role": .string(systemRole)])
        }
        for (index, message) in request.messages.enumerated() where !message.isGhost {
            let content = Self.content(of: message, at: index, marks: marks)
            switch message.role {
            case .system: items.append(["content": content, "role": .string(systemRole)])
            case .user: items.append(["content": content, "role": "user"])
            case .assistant:
                items += ResponsesTurn.items(of: message, provider: context.provider)
            case .tool: items.append(Self.output(of: message))
            }
        }
        return items
    }

    /// A plain text, or the parts of one with a mark between them or behind it.
    private static func content(of message: Message, at index: Int, marks: CacheMarks) -> JSON {
        if let split = marks.split, split.index == index {
            return .array([marks.marked(part(split.head)), part(split.tail)])
        }
        return marks.messageIndex == index
            ? .array([marks.marked(part(message.content))]) : .string(message.content)
    }

    private static func part(_ text: String) -> JSON { ["text": .string(text), "type": "input_text"] }

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
