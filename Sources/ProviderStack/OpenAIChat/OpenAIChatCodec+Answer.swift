public import ParleyCore

extension OpenAIChatCodec {
    /// Reads a whole answer (status 200).
    ///
    /// Throws `malformedReply` for what is no chat completion, `emptyReply` for one without text and tool call, and the
    /// provider's own error where the answer is one in spite of its status.
    public func completion(
        from bytes: UnsafeBufferPointer<UInt8>, for request: CompletionRequest
    ) throws(Failure) -> Completion {
        let document: JSON
        do throws(JSONSyntaxError) {
            document = try JSON(parsing: bytes)
        } catch {
            throw unreadable(bytes, because: error, for: request)
        }
        do throws(Failure) {
            return try completion(from: document, for: request)
        } catch {
            var failure = error
            failure.responseBody = failure.responseBody ?? kept(bytes)
            throw failure
        }
    }

    /// Reads a whole answer (status 200).
    public func completion(from bytes: [UInt8], for request: CompletionRequest) throws(Failure) -> Completion
    {
        try bytes.withUnsafeBufferPointer { buffer throws(Failure) in
            try completion(from: buffer, for: request)
        }
    }

    private func completion(from document: JSON, for request: CompletionRequest) throws(Failure) -> Completion
    {
        if let error = document["error"], !error.isNull, document["choices"] == nil {
            throw failure(for: error, status: nil, request: request)
        }
        guard let choice = document["choices"]?.arrayValue?.first, let message = choice["message"] else {
            throw failure(
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
        let answer = ReadAnswer(
            text: Self.text(of: message["content"]),
            reasoning: Self.reasoning(in: message), refusal: message["refusal"]?.stringValue,
            toolCalls: calls,
            finishReason: reported.map { FinishReason($0) } ?? .stop,
            model: document["model"]?.stringValue, requestID: document["id"]?.stringValue,
            usage: usage(from: document["usage"]))
        return try completion(from: answer, for: request)
    }

    /// What both a whole answer and a stream come to, judged by the same rules.
    func completion(from answer: ReadAnswer, for request: CompletionRequest) throws(Failure) -> Completion {
        if answer.text.isEmpty, answer.toolCalls.isEmpty {
            if let failure = emptiness(of: answer, for: request) { throw failure }
        }
        // Many servers say "stop" when they mean that a tool is to be run.
        let calls = !answer.toolCalls.isEmpty && answer.finishReason == .stop
        return Completion(
            text: answer.text, reasoning: answer.reasoning, toolCalls: answer.toolCalls,
            finishReason: calls ? .toolCalls : answer.finishReason,
            model: answer.model ?? request.model.model,
            usage: answer.usage,
            requestID: answer.requestID)
    }

    /// Why an answer without text and tool call is a failure; nil where nothing else could be expected.
    private func emptiness(of answer: ReadAnswer, for request: CompletionRequest) -> Failure? {
        var empty = failure(.emptyReply, "the answer holds neither text nor a tool call", for: request)
        empty.status = 200
        empty.usage = answer.usage
        if let refusal = answer.refusal, !refusal.isEmpty {
            empty.kind = .contentRefused
            empty.code = "refusal"
            empty.message = words(refusal, for: request)
        } else if answer.finishReason == .contentFilter {
            empty.kind = .contentRefused
            empty.code = "content_filter"
            empty.message = "the provider's filter stopped the answer before its first word"
        } else if answer.finishReason == .length {
            empty.kind = .rejected
            empty.code = "length"
            let thoughts = answer.usage.map { $0.reasoning } ?? 0
            let spent = thoughts > 0 ? " (\(thoughts) tokens went into reasoning)" : ""
            empty.message = "the tokens ran out before any visible text\(spent): increase max_tokens"
        } else if request.messages.last(where: { $0.role != .system })?.role == .assistant {
            return nil
        }
        return empty
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

    private func unreadable(
        _ bytes: UnsafeBufferPointer<UInt8>, because error: JSONSyntaxError, for request: CompletionRequest
    ) -> Failure {
        let isEmpty = bytes.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
        var failure =
            isEmpty
            ? failure(.emptyReply, "the answer has no body", for: request)
            : failure(.malformedReply, "the answer is not JSON: \(error)", for: request)
        failure.status = 200
        failure.responseBody = kept(bytes)
        return failure
    }
}

/// What was read of an answer, before it is judged.
struct ReadAnswer: Sendable, Hashable {
    var text: String
    var reasoning: String?
    var refusal: String?
    var toolCalls: [ToolCall]
    var finishReason: FinishReason
    var model: String?
    var requestID: String?
    var usage: Usage?
}
