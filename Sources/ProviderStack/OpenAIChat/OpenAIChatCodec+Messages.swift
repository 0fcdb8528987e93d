import OrderedCollections
import ParleyCore

extension OpenAIChatCodec {
    /// The conversation, the system prompt first. A ghost is left out.
    func messages(of request: CompletionRequest, marks: CacheMarks) -> [JSON] {
        var messages: [JSON] = []
        messages.reserveCapacity(request.messages.count + 1)
        if let system = RequestBody.system(of: request, namesJSON: true) {
            let content = Self.content(system, marks: marks, isMarked: marks.system)
            messages.append(["content": content, "role": "system"])
        }
        let usesTools = !request.tools.isEmpty
        for index in request.messages.indices where !request.messages[index].isGhost {
            let message = request.messages[index]
            messages.append(
                json(message, at: index, marks: marks, usesTools: usesTools))
        }
        return messages
    }

    /// A plain text, or the one part of a content that carries a mark.
    private static func content(_ text: String, marks: CacheMarks, isMarked: Bool) -> JSON {
        isMarked ? .array([marks.marked(part(text))]) : .string(text)
    }

    private static func part(_ text: String) -> JSON { ["text": .string(text), "type": "text"] }

    private func json(_ message: Message, at index: Int, marks: CacheMarks, usesTools: Bool) -> JSON {
        let content: JSON =
            if let split = marks.split, split.index == index {
                .array([marks.marked(Self.part(split.head)), Self.part(split.tail)])
            } else {
                Self.content(
                    RequestBody.text(of: message), marks: marks, isMarked: index == marks.messageIndex)
            }
        var members: JSONObject = [
            "content": content,
            "role": .string(message.role.rawValue),
        ]
        if !message.toolCalls.isEmpty {
            if message.content.isEmpty { members["content"] = .null }
            members["tool_calls"] = .array(message.toolCalls.map(Self.json))
        }
        if message.role == .assistant, let reasoning = reasoningBack(of: message, usesTools: usesTools) {
            members["reasoning_content"] = .string(reasoning)
        }
        if let id = message.toolCallID { members["tool_call_id"] = .string(id) }
        OpenAIChatContinuation(message.continuation, provider: context.provider)?.restore(in: &members)
        return .object(members)
    }

    private static func json(_ call: ToolCall) -> JSON {
        [
            "function": ["arguments": .string(call.arguments.rawText), "name": .string(call.name)],
            "id": .string(call.id), "type": "function",
        ]
    }

    /// What an earlier turn thought, where the provider wants it back; nil where it must not stand there.
    ///
    /// DeepSeek's guide to its thinking mode: once a request carries tools, the reasoning of all earlier turns must come
    /// back, else it refuses the request, for a turn with calls even when it thought nothing; without tools it is ignored,
    /// and so not sent.
    private func reasoningBack(of message: Message, usesTools: Bool) -> String? {
        guard context.quirks.wantsReasoningBack else { return nil }
        if !message.toolCalls.isEmpty { return message.reasoning ?? "" }
        return usesTools ? message.reasoning : nil
    }
}
