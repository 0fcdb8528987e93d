import HTTPTypes
import OrderedCollections
import ParleyCore

/// `POST /v1/chat/completions` as OpenAI and its many followers speak it.
struct ChatDialect: ServerDialect {
    func read(_ document: JSON) throws(SimulatedRefusal) -> AskedRequest {
        try ChatRequestReader(document).asked
    }

    func refusal(of headers: HTTPFields, key: String?) -> SimulatedRefusal? {
        refusalOfBearer(in: headers, key: key)
    }

    func whole(_ exchange: SimulatedExchange) -> JSON { ChatDocuments(exchange).whole }
    func frames(of exchange: SimulatedExchange) -> [StreamFrame] { ChatDocuments(exchange).frames }

    func document(for refusal: SimulatedRefusal, requestID: String) -> JSON {
        OpenAIErrors.document(for: refusal)
    }

    func headers(for limits: SimulatedLimits, at now: Timestamp) -> [(name: String, value: String)] {
        limits.openAIHeaders
    }
}

extension SimulatedLimits {
    /// `x-ratelimit-…`, with resets as lengths of time.
    var openAIHeaders: [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        for (kind, limit) in [("requests", requests), ("tokens", tokens ?? input)] {
            guard let limit else { continue }
            headers.append(("x-ratelimit-limit-\(kind)", String(limit.perMinute)))
            headers.append(("x-ratelimit-remaining-\(kind)", String(limit.remaining)))
            headers.append(("x-ratelimit-reset-\(kind)", Self.text(limit.resetsIn)))
        }
        return headers
    }
}
