import OrderedCollections
import ParleyCore

/// How OpenAI words its refusals, for both of its dialects and for the simulator in process.
///
/// Source: platform.openai.com/docs/guides/error-codes, as of November 2026.
enum OpenAIErrors {
    static func document(for refusal: SimulatedRefusal) -> JSON {
        [
            "error": [
                "message": .string(message(for: refusal)), "type": .string(type(of: refusal)), "param": nil,
                "code": .init(code(of: refusal)),
            ]
        ]
    }

    static func code(of refusal: SimulatedRefusal) -> String? {
        switch refusal.reason {
        case .keyWrong: "invalid_api_key"
        case .unknownModel: "model_not_found"
        case .contextTooLong: "context_length_exceeded"
        case .rateLimited: "rate_limit_exceeded"
        case .quotaExhausted: "insufficient_quota"
        default: nil
        }
    }

    private static func type(of refusal: SimulatedRefusal) -> String {
        switch refusal.reason {
        case .rateLimited(let limit): limit.unit == .requests ? "requests" : "tokens"
        case .quotaExhausted: "insufficient_quota"
        case .internalError, .badGateway, .unavailable, .overloaded, .hangUp: "server_error"
        case .requestTimeout: "timeout"
        default: "invalid_request_error"
        }
    }

    static func message(for refusal: SimulatedRefusal) -> String {
        switch refusal.reason {
        case .invalid(let sentence): sentence
        case .keyMissing:
            "You didn't provide an API key. You need to provide your API key in an Authorization header."
        case .keyWrong(let beginning): "Incorrect API key provided: \(beginning)****. (This is a simulator.)"
        case .unknownModel(let model): "The model `\(model)` does not exist or you do not have access to it."
        case .unknownPath(let path): "Invalid URL (\(path))"
        case .contextTooLong(let tokens, let limit):
            """
            This model's maximum context length is \(limit) tokens. However, your messages resulted in \
            \(tokens) tokens. Please reduce the length of the messages.
            """
        case .rateLimited(let limit): message(for: limit, wait: refusal.retryAfter)
        case .quotaExhausted:
            "You exceeded your current quota, please check your plan and billing details."
        case .requestTimeout: "Request timed out."
        case .conflict: "The resource was changed by another request. Please try again."
        case .internalError: "The server had an error while processing your request. Sorry about that!"
        case .badGateway: "Bad gateway."
        case .unavailable, .overloaded: "The engine is currently overloaded, please try again later."
        case .hangUp: "The connection was closed before the answer."
        }
    }

    private static func message(for limit: SimulatedRefusal.RateLimit, wait: Duration?) -> String {
        let short = limit.unit == .requests ? "RPM" : "TPM"
        let advice = wait.map { " Please try again in \(SimulatedLimits.text($0))." } ?? ""
        return """
            Rate limit reached for \(limit.model) on \(limit.unit.rawValue) per min (\(short)): Limit \
            \(limit.perMinute), Requested \(limit.requested).\(advice)
            """
    }
}
