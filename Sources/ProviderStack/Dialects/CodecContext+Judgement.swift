import ParleyCore

extension CodecContext {
    /// Reads a whole answer: its JSON by the dialect's own `reading`, then judged by the rules of all.
    func completion(
        from bytes: UnsafeBufferPointer<UInt8>, for request: CompletionRequest,
        reading: (JSON) throws(Failure) -> ReadAnswer
    ) throws(Failure) -> Completion {
        let document: JSON
        do throws(JSONSyntaxError) {
            document = try JSON(parsing: bytes)
        } catch {
            throw unreadable(bytes, because: error, for: request)
        }
        do throws(Failure) {
            return try completion(from: try reading(document), for: request)
        } catch {
            var failure = error
            failure.responseBody = failure.responseBody ?? kept(bytes)
            throw failure
        }
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
            requestID: answer.requestID, continuation: answer.continuation)
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

    /// The failure for an answer (status 200) that is no JSON.
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

    /// The failure for a stream that broke, with what had come.
    func broken(_ reason: String, after answer: ReadAnswer, for request: CompletionRequest) -> Failure {
        var failure = failure(.streamBroken, reason, for: request)
        failure.status = 200
        failure.partialText = answer.partialText
        failure.usage = answer.usage
        return failure
    }

    /// The failure for a stream that ended without one readable piece of an answer.
    func nothing(malformed: Int, isDone: Bool, for request: CompletionRequest) -> Failure {
        var failure =
            malformed > 0
            ? failure(.malformedReply, "none of the stream's \(malformed) lines could be read", for: request)
            : isDone
                ? failure(.emptyReply, "the stream ended without an answer", for: request)
                : failure(.streamBroken, "the stream ended before it had begun", for: request)
        failure.status = 200
        return failure
    }
}
