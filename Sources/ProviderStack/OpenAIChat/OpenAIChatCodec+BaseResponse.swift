import ParleyCore

extension OpenAIChatCodec {
    /// The failure that MiniMax tells in `base_resp` of an answer without choices, whose status is 200 all the same; nil
    /// where there is none.
    func baseFailure(in document: JSON, for request: CompletionRequest) -> Failure? {
        guard let base = document["base_resp"], let code = base["status_code"]?.intValue, code != 0 else {
            return nil
        }
        let message = base["status_msg"]?.stringValue ?? "the provider gave no reason"
        var failure = context.failure(
            Self.kind(forBaseCode: code), context.words(message, for: request), for: request)
        failure.code = "\(code)"
        return failure
    }

    /// MiniMax's table of error codes. 2056 is the end of a plan's allowance for some hours.
    private static func kind(forBaseCode code: Int) -> Failure.Kind {
        switch code {
        case 1001: .timedOut
        case 1002, 1039, 1041: .rateLimited
        case 1004, 2049: .unauthorized
        case 1008, 2056: .quotaExhausted
        case 1026, 1027: .contentRefused
        case 1000, 1013, 1024, 1033: .overloaded
        default: .rejected
        }
    }
}
