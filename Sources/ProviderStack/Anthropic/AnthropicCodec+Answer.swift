public import ParleyCore

extension AnthropicCodec {
    public func completion(
        from bytes: UnsafeBufferPointer<UInt8>, for request: CompletionRequest
    ) throws(Failure) -> Completion {
        try context.completion(from: bytes, for: request) { document throws(Failure) in
            try answer(in: document, for: request)
        }
    }

    private func answer(in document: JSON, for request: CompletionRequest) throws(Failure) -> ReadAnswer {
        if let error = document["error"], !error.isNull, document["content"] == nil {
            throw context.failure(for: error, status: nil, request: request)
        }
        guard let blocks = document["content"]?.arrayValue else {
            throw context.failure(
                .malformedReply, "the answer is JSON, but no message: it has no content", for: request)
        }
        var content = AnthropicContent()
        for block in blocks {
            _ = content.start(block, at: nil)
            _ = content.stop(at: nil)
        }
        var answer = ReadAnswer()
        answer.model = document["model"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        answer.requestID = document["id"]?.stringValue
        answer.usage = Self.usage(from: document["usage"])
        return try finished(
            answer, with: content, stopReason: document["stop_reason"]?.stringValue,
            details: document["stop_details"], for: request)
    }

    /// The answer with its content and the reason why it ended.
    ///
    /// Throws `contextTooLong` where the conversation left no room for a single word.
    func finished(
        _ answer: ReadAnswer, with content: AnthropicContent, stopReason: String?, details: JSON?,
        for request: CompletionRequest
    ) throws(Failure) -> ReadAnswer {
        var answer = answer
        answer.text = content.text
        answer.reasoning = content.reasoning.isEmpty ? nil : content.reasoning
        answer.toolCalls = content.toolCalls
        answer.continuation = AnthropicContinuation.json(of: content, provider: context.provider)
        answer.finishReason = stopReason.map(Self.finishReason) ?? .stop
        if answer.finishReason == .contentFilter { answer.refusal = details?["explanation"]?.stringValue }
        if stopReason == Self.windowExceeded, answer.text.isEmpty, answer.toolCalls.isEmpty {
            var failure = context.failure(
                .contextTooLong, "the conversation fills the model's context window: no room for an answer",
                for: request)
            failure.status = 200
            failure.code = Self.windowExceeded
            failure.usage = answer.usage
            throw failure
        }
        return answer
    }

    private static let windowExceeded = "model_context_window_exceeded"

    /// `pause_turn` stays as it is: the turn goes on when it is sent back.
    private static func finishReason(_ word: String) -> FinishReason {
        switch word {
        case "end_turn", "stop_sequence": .stop
        case "max_tokens", windowExceeded: .length
        case "tool_use": .toolCalls
        case "refusal": .contentFilter
        default: FinishReason(word)
        }
    }
}
