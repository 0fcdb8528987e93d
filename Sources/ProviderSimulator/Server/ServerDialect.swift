import HTTPTypes
import OrderedCollections
import ParleyCore

/// The server's side of a wire language: requests in, documents and the frames of streams out.
///
/// Plain values: no connection, no clock. What is asked and answered is decided by ``SimulatorEngine``, which knows none
/// of them.
protocol ServerDialect: Sendable {
    /// Reads a request, or throws what a provider answers to one that it cannot take.
    func read(_ document: JSON) throws(SimulatedRefusal) -> AskedRequest

    /// Why a request with these headers is not heard; nil = it is.
    func refusal(of headers: HTTPFields, key: String?) -> SimulatedRefusal?

    func whole(_ exchange: SimulatedExchange) -> JSON
    func frames(of exchange: SimulatedExchange) -> [StreamFrame]

    func status(of refusal: SimulatedRefusal) -> Int
    func document(for refusal: SimulatedRefusal, requestID: String) -> JSON

    /// What an answer's head says of the limits.
    func headers(for limits: SimulatedLimits, at now: Timestamp) -> [(name: String, value: String)]

    /// The header with the id of the exchange; nil for a dialect without one.
    var requestIDHeader: String? { get }
    /// Whether a wait is told in `retry-after-ms`, too.
    var tellsMilliseconds: Bool { get }
    var streamType: String { get }
    /// A line of a stream that cannot be read.
    var brokenLine: String { get }
}

extension ServerDialect {
    var requestIDHeader: String? { "x-request-id" }
    var tellsMilliseconds: Bool { true }
    var streamType: String { "text/event-stream; charset=utf-8" }
    var brokenLine: String { "data: {\"broken\":[{\n\n" }

    func status(of refusal: SimulatedRefusal) -> Int { refusal.status }

    /// The headers that say how long to wait.
    func headers(for refusal: SimulatedRefusal, at now: Timestamp) -> [(name: String, value: String)] {
        guard let wait = refusal.retryAfter else { return [] }
        let milliseconds = ("retry-after-ms", String(wait.milliseconds))
        let seconds = ("retry-after", String((wait.milliseconds + 999) / 1000))
        return switch refusal.retryForm {
        case .usual: tellsMilliseconds ? [milliseconds, seconds] : [seconds]
        case .milliseconds: [milliseconds]
        case .seconds: [seconds]
        case .date: [("retry-after", CalendarDate(now + wait).http)]
        }
    }

    /// A key after `Bearer`, as most dialects have it.
    func refusalOfBearer(in headers: HTTPFields, key: String?) -> SimulatedRefusal? {
        guard let key else { return nil }
        guard let header = headers[.authorization] else { return SimulatedRefusal(.keyMissing) }
        if header == "Bearer \(key)" { return nil }
        return SimulatedRefusal(.keyWrong(beginning: String(header.replacing("Bearer ", with: "").prefix(4))))
    }
}

/// A request as its dialect's reader leaves it.
struct AskedRequest: Sendable {
    var question: SimulatedQuestion
    var streams: Bool
    /// The stream's figures are asked for; most dialects always tell them.
    var includesUsage = true
    /// The reasoning is to be shown where there is some.
    var showsReasoning = true

    var request: CompletionRequest { question.request }
}

/// An answer, and what was asked, for whoever writes it down.
struct SimulatedExchange: Sendable {
    var answer: SimulatedAnswer
    var asked: AskedRequest
    var created: Timestamp

    var completion: Completion { answer.completion }
    var usage: Usage { answer.completion.usage ?? Usage() }
    var seconds: Int { Int(created.milliseconds / 1000) }
    /// Nil where there is none, or none is to be shown.
    var reasoning: String? { asked.showsReasoning ? completion.reasoning : nil }

    /// The reasoning in the pieces in which a stream brings it.
    var reasoningPieces: [String] { reasoning.map { SimulatorEngine.pieces(of: $0) } ?? [] }

    /// The arguments of a call in the pieces in which a stream brings them.
    static func pieces(ofArguments call: ToolCall) -> [String] {
        let text = Array(call.arguments.rawText)
        return stride(from: 0, to: text.count, by: 12).map { String(text[$0..<min($0 + 12, text.count)]) }
    }
}

extension StreamFrame {
    /// A server-sent event without a name.
    static func data(_ part: Part, _ document: JSON) -> StreamFrame {
        StreamFrame(part, "data: \(document.text())\n\n")
    }

    /// A server-sent event that is named after its document's `type`.
    static func event(_ part: Part, _ document: JSON) -> StreamFrame {
        StreamFrame(part, "event: \(document["type"]?.stringValue ?? "")\ndata: \(document.text())\n\n")
    }
}
