public import ParleyCore

/// What the simulator makes of one request.
public enum SimulatedOutcome: Sendable, Hashable {
    case answered(SimulatedAnswer)
    case refused(SimulatedRefusal)
}

/// An answer, how long it takes, and what goes wrong on its way.
public struct SimulatedAnswer: Sendable, Hashable {
    public var completion: Completion
    /// The text in the pieces in which a stream brings it.
    public var pieces: [String]
    public var latency: Duration
    /// From the request to the first piece of a stream.
    public var firstToken: Duration
    /// `empty`, `malformed`, `cut` or `stall`; nil = nothing.
    public var fault: SimulatedFault?
}

/// An error in the shape of OpenAI's.
public struct SimulatedRefusal: Sendable, Hashable {
    public var status: Int
    public var type: String
    public var code: String?
    public var message: String
    public var retryAfter: Duration?

    public init(status: Int, type: String, code: String?, message: String, retryAfter: Duration? = nil) {
        self.status = status
        self.type = type
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    static func rateLimited(
        model: String, unit: String, short: String, limit: Int, requested: Int, wait: Duration
    ) -> SimulatedRefusal {
        SimulatedRefusal(
            status: 429, type: unit, code: "rate_limit_exceeded",
            message: """
                Rate limit reached for \(model) on \(unit) per min (\(short)): Limit \(limit), Requested \
                \(requested). Please try again in \(SimulatedLimits.text(wait)).
                """,
            retryAfter: wait)
    }

    static func unknownModel(_ model: String) -> SimulatedRefusal {
        SimulatedRefusal(
            status: 404, type: "invalid_request_error", code: "model_not_found",
            message: "The model `\(model)` does not exist or you do not have access to it.")
    }

    static func contextTooLong(_ tokens: Int, limit: Int) -> SimulatedRefusal {
        SimulatedRefusal(
            status: 400, type: "invalid_request_error", code: "context_length_exceeded",
            message: """
                This model's maximum context length is \(limit) tokens. However, your messages resulted in \
                \(tokens) tokens. Please reduce the length of the messages.
                """)
    }

    static func fault(_ fault: SimulatedFault) -> SimulatedRefusal? {
        switch fault {
        case .internalError:
            SimulatedRefusal(
                status: 500, type: "server_error", code: nil,
                message: "The server had an error while processing your request. Sorry about that!")
        case .unavailable:
            SimulatedRefusal(
                status: 503, type: "server_error", code: nil,
                message: "The engine is currently overloaded, please try again later.")
        case .empty, .malformed, .cut, .stall: nil
        }
    }
}
