import HTTPTypes
import OrderedCollections
import ParleyCore

/// `POST /api/chat` as Ollama speaks it: one JSON document a line, no key, no limits, no ids.
///
/// Source: github.com/ollama/ollama, docs/api.md and api/types.go, as of August 2026. A content filter is unknown to it: an
/// answer that one stopped is just empty.
struct OllamaDialect: ServerDialect {
    var requestIDHeader: String? { nil }
    var tellsMilliseconds: Bool { false }
    var streamType: String { "application/x-ndjson" }
    var brokenLine: String { "{\"message\":{\n" }

    func read(_ document: JSON) throws(SimulatedRefusal) -> AskedRequest {
        try OllamaRequestReader(document).asked
    }

    /// It asks for none.
    func refusal(of headers: HTTPFields, key: String?) -> SimulatedRefusal? { nil }

    func headers(for limits: SimulatedLimits, at now: Timestamp) -> [(name: String, value: String)] { [] }

    func status(of refusal: SimulatedRefusal) -> Int {
        // Without a code in its errors, the status has to say it.
        refusal.reason == .quotaExhausted ? 402 : refusal.status
    }

    func document(for refusal: SimulatedRefusal, requestID: String) -> JSON {
        let message =
            switch refusal.reason {
            case .keyMissing, .keyWrong: "unauthorized"
            case .unknownModel(let model): "model '\(model)' not found"
            case .unknownPath: "404 page not found"
            case .contextTooLong: "the input length exceeds the context length"
            case .rateLimited: "too many requests"
            case .quotaExhausted: "you have reached your usage limit, please upgrade to continue"
            case .unavailable, .overloaded:
                "server busy, please try again. maximum pending requests exceeded"
            default: OpenAIErrors.message(for: refusal)
            }
        return ["error": .string(message)]
    }

    func whole(_ exchange: SimulatedExchange) -> JSON {
        let completion = exchange.completion
        var message: JSONObject = ["role": "assistant", "content": .string(completion.text)]
        if let reasoning = exchange.reasoning { message["thinking"] = .string(reasoning) }
        if !completion.toolCalls.isEmpty { message["tool_calls"] = Self.calls(completion.toolCalls) }
        return Self.last(.object(message), of: exchange)
    }

    func frames(of exchange: SimulatedExchange) -> [StreamFrame] {
        func line(_ part: StreamFrame.Part, _ document: JSON) -> StreamFrame {
            StreamFrame(part, document.text() + "\n")
        }
        func piece(_ name: String, _ value: JSON) -> JSON {
            var message: JSONObject = ["role": "assistant", "content": ""]
            message[name] = value
            return .object(Self.document(.object(message), of: exchange, isDone: false))
        }
        var frames = exchange.reasoningPieces.map { line(.opening, piece("thinking", .string($0))) }
        frames += exchange.answer.pieces.map { line(.content, piece("content", .string($0))) }
        frames += exchange.completion.toolCalls.map { line(.content, piece("tool_calls", Self.calls([$0]))) }
        frames.append(line(.closing, Self.last(["role": "assistant", "content": ""], of: exchange)))
        return frames
    }

    private static func document(_ message: JSON, of exchange: SimulatedExchange, isDone: Bool) -> JSONObject
    {
        [
            "model": .string(exchange.completion.model), "remote_host": "parley-simulator",
            "created_at": .string(CalendarDate(exchange.created).internet), "message": message,
            "done": .bool(isDone),
        ]
    }

    /// The document that ends an answer, with its figures; durations are in nanoseconds.
    private static func last(_ message: JSON, of exchange: SimulatedExchange) -> JSON {
        let usage = exchange.usage
        let first = exchange.answer.firstToken.milliseconds * 1_000_000
        let total = exchange.answer.latency.milliseconds * 1_000_000
        var members = document(message, of: exchange, isDone: true)
        members["done_reason"] = exchange.completion.finishReason == .length ? "length" : "stop"
        members["total_duration"] = .int(total)
        members["load_duration"] = 0
        members["prompt_eval_count"] = .int(usage.inputTotal)
        members["prompt_eval_cached_count"] = .int(usage.cacheRead)
        members["prompt_eval_duration"] = .int(first)
        members["eval_count"] = .int(usage.output)
        members["eval_duration"] = .int(total - first)
        return .object(members)
    }

    private static func calls(_ calls: [ToolCall]) -> JSON {
        .array(
            calls.enumerated().map { index, call in
                [
                    "id": .string(call.id),
                    "function": [
                        "index": .int(index), "name": .string(call.name),
                        "arguments": .object(call.arguments.object ?? [:]),
                    ],
                ]
            })
    }
}
