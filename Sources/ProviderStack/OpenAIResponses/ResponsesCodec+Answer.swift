import OrderedCollections
import ParleyCore

extension ResponsesCodec {
    func answer(in document: JSON, for request: CompletionRequest) throws(Failure) -> ReadAnswer {
        if let failure = failure(in: document, for: request) { throw failure }
        guard case .array(let items)? = document["output"] else {
            throw context.failure(
                .malformedReply, "the answer is JSON, but no response: it has no output", for: request)
        }
        let status = document["status"]?.stringValue
        if status == "queued" || status == "in_progress" {
            throw context.failure(
                .rejected,
                "the answer is not finished (\(status ?? "")): background answers are not waited for",
                for: request)
        }
        var output = ResponsesOutput()
        for (index, item) in items.enumerated() { _ = output.close(item, at: index) }
        return answer(with: output, of: document)
    }

    /// What was said, with what the response says around it.
    func answer(with output: ResponsesOutput, of response: JSON) -> ReadAnswer {
        func text(_ name: String) -> String? {
            response[name]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        }
        return ReadAnswer(
            text: output.text, reasoning: output.reasoning.isEmpty ? nil : output.reasoning,
            refusal: output.refusal, toolCalls: output.toolCalls,
            finishReason: Self.finishReason(of: response),
            model: text("model"), requestID: text("id"), usage: usage(from: response["usage"]),
            continuation: output.continuation(from: context.provider))
    }

    private static func finishReason(of response: JSON) -> FinishReason {
        switch response["incomplete_details"]?["reason"]?.stringValue {
        case "max_output_tokens"?, "max_tokens"?: .length
        case "content_filter"?: .contentFilter
        case let reason?: .other(reason)
        case nil: response["status"]?.stringValue == "incomplete" ? .other("incomplete") : .stop
        }
    }

    /// Why a response is none: it says so in `error` or by its status, whatever the HTTP status was.
    func failure(in response: JSON, for request: CompletionRequest) -> Failure? {
        let status = response["status"]?.stringValue
        let error = response["error"] ?? .null
        var failure: Failure
        if !error.isNull || status == "failed" {
            failure = self.failure(for: error, for: request)
        } else if status == "cancelled" {
            failure = context.failure(.rejected, "the provider cancelled the answer", for: request)
        } else {
            return nil
        }
        failure.usage = usage(from: response["usage"])
        return failure
    }

    /// What an error in the middle of an answer means: one of a response that failed, or one that came as an event.
    func failure(for error: JSON, status: Int? = nil, for request: CompletionRequest) -> Failure {
        var error = error
        // LiteLLM writes the HTTP status as text.
        if let code = error["code"]?.stringValue, let number = Int(code), (400...599).contains(number),
            case .object(var members) = error
        {
            members["code"] = .int(number)
            error = .object(members)
        }
        return context.failure(for: error, status: status, request: request)
    }
}
