import HTTPTypes
import OrderedCollections
import ParleyCore

/// `POST /v1/responses` as OpenAI speaks it; nothing is stored, so `previous_response_id` finds nothing.
///
/// Source: platform.openai.com/docs/api-reference/responses and its streaming events, as of November 2026.
struct ResponsesDialect: ServerDialect {
    var brokenLine: String { "event: response.output_text.delta\ndata: {\"broken\":[{\n\n" }

    func read(_ document: JSON) throws(SimulatedRefusal) -> AskedRequest {
        try ResponsesRequestReader(document).asked
    }

    func refusal(of headers: HTTPFields, key: String?) -> SimulatedRefusal? {
        refusalOfBearer(in: headers, key: key)
    }

    func whole(_ exchange: SimulatedExchange) -> JSON { ResponsesDocuments(exchange).whole }
    func frames(of exchange: SimulatedExchange) -> [StreamFrame] { ResponsesDocuments(exchange).frames }

    func document(for refusal: SimulatedRefusal, requestID: String) -> JSON {
        OpenAIErrors.document(for: refusal)
    }

    func headers(for limits: SimulatedLimits, at now: Timestamp) -> [(name: String, value: String)] {
        limits.openAIHeaders
    }
}
