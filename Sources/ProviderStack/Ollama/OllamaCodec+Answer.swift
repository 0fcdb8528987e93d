public import ParleyCore

extension OllamaCodec {
    public func completion(
        from bytes: UnsafeBufferPointer<UInt8>, for request: CompletionRequest
    ) throws(Failure) -> Completion {
        try context.completion(from: bytes, for: request) { document throws(Failure) in
            try answer(in: document, for: request)
        }
    }

    private func answer(in document: JSON, for request: CompletionRequest) throws(Failure) -> ReadAnswer {
        if let error = document["error"], !error.isNull {
            throw context.failure(for: error, status: nil, request: request)
        }
        guard let message = document["message"], case .object = message else {
            throw context.failure(
                .malformedReply, "the answer is JSON, but no answer of Ollama's: it has no message",
                for: request)
        }
        var assembler = ToolCallAssembler()
        for call in message["tool_calls"]?.arrayValue ?? [] {
            _ = assembler.add(ToolCallFragment(whole: call))
        }
        return ReadAnswer(
            text: message["content"]?.stringValue ?? "", reasoning: Self.reasoning(in: message),
            toolCalls: assembler.calls, finishReason: Self.finishReason(in: document),
            model: Self.model(in: document), usage: Self.usage(in: document))
    }

    static func reasoning(in message: JSON) -> String? {
        message["thinking"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    }

    static func model(in document: JSON) -> String? {
        document["model"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Versions before 0.1.35 give no `done_reason`. `load` and `unload` answer a request without messages, and stay what
    /// they are.
    static func finishReason(in document: JSON) -> FinishReason {
        guard let word = document["done_reason"]?.stringValue, !word.isEmpty else { return .stop }
        return FinishReason(word)
    }

    /// Sorts the counts into buckets that do not overlap; nil where there are none.
    ///
    /// `prompt_eval_count` includes `prompt_eval_cached_count` (Ollama's own OpenAI endpoint maps them so), which older
    /// versions do not tell. What a model thought is part of `eval_count` and not told apart.
    static func usage(in document: JSON) -> Usage? {
        guard document["prompt_eval_count"] != nil || document["eval_count"] != nil else { return nil }
        let prompt = CodecContext.count(document["prompt_eval_count"])
        let cached = min(CodecContext.count(document["prompt_eval_cached_count"]), prompt)
        return Usage(
            inputUncached: prompt - cached, cacheRead: cached,
            output: CodecContext.count(document["eval_count"]))
    }
}
