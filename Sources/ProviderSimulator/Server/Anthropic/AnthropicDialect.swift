import HTTPTypes
import OrderedCollections
import ParleyCore

/// `POST /v1/messages` as Anthropic speaks it.
///
/// Source: platform.claude.com/docs/en/api (errors, rate limits, streaming) and the types of anthropic-sdk-python, as of
/// August 2026.
struct AnthropicDialect: ServerDialect {
    var requestIDHeader: String? { "request-id" }
    var tellsMilliseconds: Bool { false }
    var brokenLine: String { "event: content_block_delta\ndata: {\"broken\":[{\n\n" }

    func read(_ document: JSON) throws(SimulatedRefusal) -> AskedRequest {
        try AnthropicRequestReader(document).asked
    }

    /// A key stands in `x-api-key`, an OAuth token after `Bearer`, and never the one in the other's place.
    func refusal(of headers: HTTPFields, key: String?) -> SimulatedRefusal? {
        guard headers[HTTPField.Name("anthropic-version")!] != nil else {
            return .invalid("anthropic-version: header is required")
        }
        guard let key else { return nil }
        if key.hasPrefix("sk-ant-oat") { return refusalOfBearer(in: headers, key: key) }
        guard let given = headers[HTTPField.Name("x-api-key")!] else { return SimulatedRefusal(.keyMissing) }
        return given == key ? nil : SimulatedRefusal(.keyWrong(beginning: String(given.prefix(4))))
    }

    func whole(_ exchange: SimulatedExchange) -> JSON { AnthropicDocuments(exchange).whole }
    func frames(of exchange: SimulatedExchange) -> [StreamFrame] { AnthropicDocuments(exchange).frames }

    func status(of refusal: SimulatedRefusal) -> Int {
        switch refusal.reason {
        case .quotaExhausted: 402
        case .unavailable: 529
        default: refusal.status
        }
    }

    func document(for refusal: SimulatedRefusal, requestID: String) -> JSON {
        [
            "type": "error",
            "error": [
                "type": .string(Self.type(of: refusal)), "message": .string(Self.message(for: refusal)),
            ],
            "request_id": .string(requestID),
        ]
    }

    private static func type(of refusal: SimulatedRefusal) -> String {
        switch refusal.reason {
        case .keyMissing, .keyWrong: "authentication_error"
        case .unknownModel, .unknownPath: "not_found_error"
        case .rateLimited: "rate_limit_error"
        case .quotaExhausted: "billing_error"
        case .conflict: "conflict_error"
        case .requestTimeout: "timeout_error"
        case .internalError, .badGateway, .hangUp: "api_error"
        case .unavailable, .overloaded: "overloaded_error"
        case .invalid, .contextTooLong: "invalid_request_error"
        }
    }

    private static func message(for refusal: SimulatedRefusal) -> String {
        switch refusal.reason {
        case .keyMissing: "x-api-key header is required"
        case .keyWrong: "invalid x-api-key"
        case .unknownModel(let model): "model: \(model)"
        case .unknownPath: "Not Found"
        case .contextTooLong(let tokens, let limit): "prompt is too long: \(tokens) tokens > \(limit) maximum"
        case .rateLimited(let limit):
            "This request would exceed the rate limit of \(limit.perMinute) \(limit.unit.rawValue) per minute."
        case .quotaExhausted: "Your credit balance is too low to access the API."
        case .requestTimeout: "Request timed out"
        case .internalError, .badGateway, .hangUp: "Internal server error"
        case .unavailable, .overloaded: "Overloaded"
        case .conflict, .invalid: OpenAIErrors.message(for: refusal)
        }
    }

    /// `anthropic-ratelimit-…`, with resets as moments; input and output apart where they are limited apart.
    func headers(for limits: SimulatedLimits, at now: Timestamp) -> [(name: String, value: String)] {
        let all = [
            ("requests", limits.requests), ("tokens", limits.tokens), ("input-tokens", limits.input),
            ("output-tokens", limits.output),
        ]
        return all.flatMap { kind, limit -> [(name: String, value: String)] in
            guard let limit else { return [] }
            let name = "anthropic-ratelimit-\(kind)"
            return [
                ("\(name)-limit", String(limit.perMinute)), ("\(name)-remaining", String(limit.remaining)),
                ("\(name)-reset", CalendarDate(now + limit.resetsIn).internet),
            ]
        }
    }
}
