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
        let reported = choice["finish_reason"]?.stringValue
        return ReadAnswer(
            text: Self.text(of: message["content"]),
            reasoning: Self.reasoning(in: message), refusal: message["refusal"]?.stringValue,
            toolCalls: calls,
            finishReason: reported.map { FinishReason($0) } ?? .stop,
            model: document["model"]?.stringValue, requestID: document["id"]?.stringValue,
            usage: usage(from: document["usage"]))
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

    /// `reasoning_content` (DeepSeek, vLLM, xAI), `reasoning` (OpenRouter, Groq) or the thinking parts of `content`
    /// (Mistral); nil where there is none.
    static func reasoning(in message: JSON) -> String? {
        for name in ["reasoning_content", "reasoning"] {
            if let text = message[name]?.stringValue, !text.isEmpty { return text }
        }
        guard case .array(let parts)? = message["content"] else { return nil }
        let thoughts = parts.map { text(of: $0["thinking"]) }.joined()
        return thoughts.isEmpty ? nil : thoughts
    }
}
