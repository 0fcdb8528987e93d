import OrderedCollections
import ParleyCore
import ProviderStack

extension AnthropicCodec {
    static func fixture(provider: ProviderName = "anthropic") -> AnthropicCodec {
        AnthropicCodec(context: .fixture(provider: provider))
    }

    /// The body of a request as JSON.
    func json(of request: CompletionRequest, streams: Bool = false) -> JSON {
        try! JSON(parsing: body(of: request, streams: streams))
    }

    /// Reads a whole answer with that content.
    func completion(
        content: JSON, stop: String = "end_turn", usage: JSON = ["input_tokens": 1, "output_tokens": 1]
    ) throws(Failure) -> Completion {
        let document: JSON = [
            "id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": content,
            "stop_reason": .string(stop), "usage": usage,
        ]
        return try completion(from: document.bytes(), for: .fixture())
    }

    /// Reads a stream of these events.
    func read(
        _ events: [JSON]
    ) -> (events: [CompletionEvent], result: Result<Completion, Failure>) {
        let text = events.map { "event: \($0["type"]?.stringValue ?? "")\ndata: \($0)\n\n" }.joined()
        return read(pieces: [Array(text.utf8)])
    }
}

extension Message {
    static func calling(_ ids: String..., saying text: String = "") -> Message {
        Message(
            role: .assistant, content: text,
            toolCalls: ids.map {
                ToolCall(id: $0, name: "lookup", arguments: .parsed(["word": .string($0)]))
            })
    }

    static func result(_ content: String, of id: String?, isError: Bool = false) -> Message {
        Message(role: .tool, content: content, toolCallID: id, isError: isError)
    }
}
