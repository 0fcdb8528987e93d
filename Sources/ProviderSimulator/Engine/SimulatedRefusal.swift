public import ParleyCore

/// Why a request is not answered, whatever the dialect: each dialect has its own status, code and words for it.
public struct SimulatedRefusal: Error, Sendable, Hashable {
    public enum Reason: Sendable, Hashable {
        /// The request cannot be read; the sentence says why.
        case invalid(String)
        case keyMissing
        /// Only its first letters, so that no key is echoed.
        case keyWrong(beginning: String)
        case unknownModel(String)
        case unknownPath(String)
        /// In tokens.
        case contextTooLong(prompt: Int, limit: Int)
        case rateLimited(RateLimit)
        case quotaExhausted
        case requestTimeout
        case conflict
        case internalError
        case badGateway
        case unavailable
        case overloaded
        /// No answer at all: the connection is closed before its head.
        case hangUp
    }

    /// The limit that a request would have exceeded.
    public struct RateLimit: Sendable, Hashable {
        public enum Unit: String, Sendable, Hashable {
            case requests, tokens
            case inputTokens = "input tokens"
            case outputTokens = "output tokens"
        }

        public var unit: Unit
        public var model: String
        public var perMinute: Int
        public var requested: Int
    }

    /// How the time to wait is told.
    public enum RetryForm: Sendable, Hashable {
        /// In milliseconds and in whole seconds, as OpenAI does.
        case usual
        case milliseconds, seconds, date
    }

    public var reason: Reason
    public var retryAfter: Duration?
    public var retryForm: RetryForm

    public init(_ reason: Reason, retryAfter: Duration? = nil, retryForm: RetryForm = .usual) {
        self.reason = reason
        self.retryAfter = retryAfter
        self.retryForm = retryForm
    }

    static func invalid(_ message: String) -> SimulatedRefusal { SimulatedRefusal(.invalid(message)) }
}

extension SimulatedRefusal {
    /// What a client makes of it.
    public var kind: Failure.Kind {
        switch reason {
        case .invalid, .unknownModel, .unknownPath: .rejected
        case .keyMissing, .keyWrong: .unauthorized
        case .contextTooLong: .contextTooLong
        case .rateLimited: .rateLimited
        case .quotaExhausted: .quotaExhausted
        case .requestTimeout: .timedOut
        case .conflict, .internalError, .badGateway, .unavailable, .overloaded: .overloaded
        case .hangUp: .unreachable
        }
    }

    /// The status that most dialects agree on.
    public var status: Int {
        switch reason {
        case .invalid, .contextTooLong: 400
        case .keyMissing, .keyWrong: 401
        case .unknownModel, .unknownPath: 404
        case .requestTimeout: 408
        case .conflict: 409
        case .rateLimited, .quotaExhausted: 429
        case .internalError: 500
        case .badGateway: 502
        case .unavailable: 503
        case .overloaded: 529
        // Nobody sees it.
        case .hangUp: 503
        }
    }

    /// The refusal that a fault is; nil for the faults that strike an answer.
    init?(_ fault: SimulatedFault, model: String, promptTokens: Int, settings: SimulatorSettings) {
        func limited(_ form: RetryForm?) -> SimulatedRefusal {
            let limit = RateLimit(unit: .requests, model: model, perMinute: 1, requested: 1)
            return SimulatedRefusal(
                .rateLimited(limit), retryAfter: form.map { _ in settings.faultRetryAfter },
                retryForm: form ?? .usual)
        }
        switch fault {
        case .internalError: self.init(.internalError)
        case .unavailable: self.init(.unavailable)
        case .unauthorized: self.init(.keyWrong(beginning: ""))
        case .notFound: self.init(.unknownModel(model))
        case .requestTimeout: self.init(.requestTimeout)
        case .conflict: self.init(.conflict)
        case .rateLimited: self = limited(nil)
        case .rateLimitedMilliseconds: self = limited(.milliseconds)
        case .rateLimitedSeconds: self = limited(.seconds)
        case .rateLimitedDate: self = limited(.date)
        case .quota: self.init(.quotaExhausted)
        case .badGateway: self.init(.badGateway)
        case .overloaded: self.init(.overloaded)
        case .context: self.init(.contextTooLong(prompt: promptTokens, limit: max(1, promptTokens / 2)))
        case .hangUp: self.init(.hangUp)
        case .empty, .malformed, .cut, .stall, .filter, .length, .invalid: return nil
        }
    }
}
