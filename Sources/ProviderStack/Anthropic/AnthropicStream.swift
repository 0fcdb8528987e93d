import OrderedCollections
public import ParleyCore

/// Reads a streamed answer, event by event, and judges it at its end.
///
/// The input's figures come at the start, the output's at the end, each as a total. Pings and events of an
/// unknown type are passed over, as the dialect's rules for later versions demand. An event that is no JSON
/// is counted and skipped.
public struct AnthropicStream: ServerSentReader {
    private let codec: AnthropicCodec
    private let request: CompletionRequest
    private var content = AnthropicContent()
    private var answer = ReadAnswer()
    private var counts: JSONObject = [:]
    private var stopReason: String?
    private var stopDetails: JSON?
    private var failure: Failure?
    /// Whether an event of an answer has come.
    private var hasBegun = false

    /// Events that could not be read.
    public private(set) var malformedEvents = 0
    /// The end mark has come, or an error: nothing more is worth waiting for.
    public private(set) var isDone = false
    public var partialText: String? { content.text.isEmpty ? nil : content.text }
    /// The figures so far: until the end, the output's is a beginning only.
    public var usage: Usage? { AnthropicCodec.usage(from: .object(counts)) }

    public init(codec: AnthropicCodec, request: CompletionRequest) {
        self.codec = codec
        self.request = request
    }

    /// Reads an event where it lies: a piece of a block without a tree of values, all else by the parser, with the same
    /// outcome.
    public mutating func read(_ event: EventSlice, into events: inout [CompletionEvent]) {
        if isDone { return }
        var delta = AnthropicDelta()
        if event.withData({ delta.skim($0) }) {
            hasBegun = true
            events += content.add(delta)
        } else {
            events += read(event.copy)
        }
    }

    /// Reads the data of one server-sent event; its type stands in the data as well as in its name.
    public mutating func read(_ event: ServerSentEvents.Event) -> [CompletionEvent] {
        if isDone { return [] }
        if let chunk = try? JSON(parsing: event.data), case .object = chunk { return read(chunk) }
        // Gateways that come from another dialect end their streams so.
        if event.data.elementsEqual("[DONE]".utf8) {
            isDone = true
            return []
        }
        // Servers that forget the blank line between events make several documents one event.
        let lines = event.data.split(separator: 0x0A)
        guard lines.count > 1 else {
            malformedEvents += 1
            return [.warning("a piece of the answer could not be read and was skipped")]
        }
        return lines.flatMap { read(.init(name: event.name, data: Array($0))) }
    }

    private mutating func read(_ chunk: JSON) -> [CompletionEvent] {
        if let error = chunk["error"], !error.isNull {
            failure = codec.context.failure(for: error, status: nil, request: request)
            failure?.responseBody = codec.context.redacted(chunk.text())
            isDone = true
            return []
        }
        let index = chunk["index"]?.intValue
        switch chunk["type"]?.stringValue {
        case "message_start":
            hasBegun = true
            let message = chunk["message"]
            answer.model = message?["model"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
            answer.requestID = message?["id"]?.stringValue
            counts = AnthropicCodec.counts(counts, updatedBy: message?["usage"])
        case "content_block_start":
            hasBegun = true
            return content.start(chunk["content_block"], at: index)
        case "content_block_delta":
            hasBegun = true
            return content.add(chunk["delta"], at: index)
        case "content_block_stop": return content.stop(at: index)
        case "message_delta":
            hasBegun = true
            stopReason = chunk["delta"]?["stop_reason"]?.stringValue ?? stopReason
            if let details = chunk["delta"]?["stop_details"], !details.isNull { stopDetails = details }
            counts = AnthropicCodec.counts(counts, updatedBy: chunk["usage"])
        case "message_stop": isDone = true
        default: break
        }
        return []
    }

    /// Judges the answer once the stream has ended: the last events and the whole answer, or why there is
    /// none.
    ///
    /// `malformedLines` are those that the event parser has counted.
    public mutating func finish(malformedLines: Int) -> Result<StreamEnd, Failure> {
        if var failure {
            failure.partialText = partialText
            failure.usage = usage
            return .failure(failure)
        }
        guard hasBegun else {
            let malformed = malformedEvents + malformedLines
            return .failure(codec.context.nothing(malformed: malformed, isDone: isDone, for: request))
        }
        answer.usage = usage
        guard stopReason != nil || isDone else {
            answer.text = content.text
            let reason = "the stream ended before the answer was finished"
            return .failure(codec.context.broken(reason, after: answer, for: request))
        }
        content.finish()
        return Result { () throws(Failure) in
            let whole = try codec.finished(
                answer, with: content, stopReason: stopReason, details: stopDetails, for: request)
            return StreamEnd(try codec.context.completion(from: whole, for: request))
        }
    }
}
