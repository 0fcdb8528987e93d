public import ParleyCore

extension OpenAIChatCodec {
    public func completion(
        from bytes: UnsafeBufferPointer<UInt8>, for request: CompletionRequest
    ) throws(Failure) -> Completion {
        try context.completion(from: bytes, for: request) { document throws(Failure) in
            try answer(in: document, for: request)
        }
    }

    private func answer(in document: JSON, for request: CompletionRequest) throws(Failure) -> ReadAnswer {
        if let error = document["error"], !error.isNull, document["choices"] == nil {
            throw context.failure(for: error, status: nil, request: request)
        }
        if let failure = baseFailure(in: document, for: request) { throw failure }
        guard let choice = document["choices"]?.arrayValue?.first, let message = choice["message"] else {
            throw context.failure(
                .malformedReply, "the answer is JSON, but no chat completion: it has no choices", for: request
            )
        }
        var assembler = ToolCallAssembler()
        for call in message["tool_calls"]?.arrayValue ?? [] {
            _ = assembler.add(ToolCallFragment(whole: call))
        }
        if let call = message["function_call"], call["name"] != nil {
            _ = assembler.add(ToolCallFragment(index: nil, id: nil, function: call))
        }
        let calls = assembler.calls
        var continuation = OpenAIChatContinuation()
        continuation.add(message)
        let reported = choice["finish_reason"]?.stringValue
        let answer = ReadAnswer(
            text: Self.text(of: message["content"]),
            reasoning: Self.reasoning(in: message), refusal: message["refusal"]?.stringValue,
            toolCalls: calls,
            finishReason: reported.map { Self.finishReason($0) } ?? .stop,
            model: document["model"]?.stringValue, requestID: document["id"]?.stringValue,
            usage: usage(from: document["usage"]),
            continuation: continuation.json(provider: context.provider))
        if let failure = interruption(of: answer, for: request) { throw failure }
        return answer
    }

    /// Providers' own words for why an answer ended, in the one vocabulary.
    static func finishReason(_ word: String) -> FinishReason {
        switch word.lowercased() {
        case "stop", "eos", "end_turn", "stop_sequence": .stop
        case "length", "max_tokens", "model_length": .length
        case "tool_calls", "function_call", "tool_use": .toolCalls
        case "content_filter", "sensitive", "safety": .contentFilter
        default: .other(word)
        }
    }

    /// The failure for an answer that the provider itself broke off and calls finished; nil for all others.
    ///
    /// DeepSeek ran out of machines, Z.ai lost one, Mistral met an error.
    func interruption(of answer: ReadAnswer, for request: CompletionRequest) -> Failure? {
        guard case .other(let word) = answer.finishReason,
            ["insufficient_system_resource", "network_error", "error"].contains(word)
        else { return nil }
        var failure = context.broken("the provider broke the answer off", after: answer, for: request)
        failure.code = word
        return failure
    }

    /// The text of `content`, which is a string, null, or an array of parts.
    static func text(of content: JSON?) -> String {
        switch content {
        case .string(let text): text
        case .array(let parts):
            parts.map { part in
                part.stringValue ?? part["text"]?.stringValue ?? part["text"]?["value"]?.stringValue ?? ""
            }.joined()
        default: ""
        }
    }

    /// `reasoning_content` (DeepSeek, vLLM, xAI), `reasoning` (OpenRouter, Groq), the texts of `reasoning_details` (MiniMax) or
    /// the thinking parts of `content` (Mistral); nil where there is none.
    static func reasoning(in message: JSON) -> String? {
        for name in ["reasoning_content", "reasoning"] {
            if let text = message[name]?.stringValue, !text.isEmpty { return text }
        }
        if let details = message["reasoning_details"]?.arrayValue {
            let thoughts = details.compactMap { $0["text"]?.stringValue ?? $0["summary"]?.stringValue }
                .joined()
            if !thoughts.isEmpty { return thoughts }
        }
        guard case .array(let parts)? = message["content"] else { return nil }
        let thoughts = parts.map { text(of: $0["thinking"]) }.joined()
        return thoughts.isEmpty ? nil : thoughts
    }
}
