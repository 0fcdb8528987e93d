public import ParleyCore

/// Reads a streamed answer, event by event, and judges it at its end.
///
/// A plain value over the data of server-sent events. Usage is taken wherever it stands: in the finish chunk or in a
/// trailing one without choices. A chunk that is no JSON is counted and skipped.
public struct OpenAIChatStream: ServerSentReader {
    private let codec: OpenAIChatCodec
    private let request: CompletionRequest
    private var assembler = ToolCallAssembler()
    private var answer = ReadAnswer()
    private var continuation = OpenAIChatContinuation()
    private var hasFinishReason = false
    private var chunks = 0
    private var failure: Failure?

    /// Chunks that could not be read.
    public private(set) var malformedChunks = 0
    /// `[DONE]` has come, or an error: nothing more is worth waiting for.
    public private(set) var isDone = false
    public var partialText: String? { answer.partialText }
    /// The figures, once they have come.
    public var usage: Usage? { answer.usage }

    public init(codec: OpenAIChatCodec, request: CompletionRequest) {
        self.codec = codec
        self.request = request
    }

    /// Reads the data of one server-sent event: the few chunks that tell a piece of text, reasoning or arguments and nothing
    /// else without a tree of values, all others as ``read(_:)-(ServerSentEvents.Event)`` does, with the same outcome.
    public mutating func read(_ event: EventSlice, into events: inout [CompletionEvent]) {
        if isDone { return }
        event.withData { data in
            var delta = OpenAIChatDelta()
            if delta.skim(data, wantsModel: answer.model == nil, wantsID: answer.requestID == nil) {
                add(&delta, to: &events)
            } else {
                events += read(data)
            }
        }
    }

    /// Reads the data of one server-sent event, whatever it holds.
    public mutating func read(_ event: ServerSentEvents.Event) -> [CompletionEvent] {
        event.data.withUnsafeBufferPointer { read($0) }
    }

    private mutating func read(_ data: UnsafeBufferPointer<UInt8>) -> [CompletionEvent] {
        if isDone { return [] }
        if data.elementsEqual("[DONE]".utf8) {
            isDone = true
            return []
        }
        if let chunk = try? JSON(parsing: data) { return read(chunk) }
        // Servers that forget the blank line between events make several documents one event.
        var events: [CompletionEvent] = []
        let lines = data.split(separator: 0x0A)
        guard lines.count > 1 else {
            malformedChunks += 1
            return [.warning("a chunk of the answer could not be read and was skipped")]
        }
        for line in lines { events += read(UnsafeBufferPointer(rebasing: line)) }
        return events
    }

    private mutating func add(_ delta: inout OpenAIChatDelta, to events: inout [CompletionEvent]) {
        chunks += 1
        if let model = delta.model { answer.model = model }
        if let id = delta.requestID { answer.requestID = id }
        if let reasoning = delta.reasoning {
            answer.reasoning = (answer.reasoning ?? "") + reasoning
            events.append(.reasoning(reasoning))
        }
        if let text = delta.text {
            answer.text += text
            events.append(.text(text))
        }
        if let fragment = delta.toolCall { events += assembler.add(fragment) }
    }

    private mutating func read(_ chunk: JSON) -> [CompletionEvent] {
        guard case .object = chunk else {
            malformedChunks += 1
            return [.warning("a chunk of the answer could not be read and was skipped")]
        }
        if let error = chunk["error"], !error.isNull {
            failure = codec.context.failure(for: error, status: nil, request: request)
            failure?.responseBody = codec.context.redacted(chunk.text())
            isDone = true
            return []
        }
        chunks += 1
        if answer.model == nil {
            answer.model = chunk["model"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        }
        if answer.requestID == nil { answer.requestID = chunk["id"]?.stringValue }
        var events: [CompletionEvent] = []
        if let choice = chunk["choices"]?.arrayValue?.first(where: { ($0["index"]?.intValue ?? 0) == 0 }) {
            events = read(choice: choice)
        }
        // Groq puts its figures under `x_groq`.
        if let usage = codec.usage(from: chunk["usage"]) ?? codec.usage(from: chunk["x_groq"]?["usage"]) {
            answer.usage = usage
        }
        return events
    }

    private mutating func read(choice: JSON) -> [CompletionEvent] {
        var events: [CompletionEvent] = []
        // A server that does not stream after all may send the whole message in one chunk.
        if let delta = choice["delta"] ?? choice["message"] {
            if let reasoning = OpenAIChatCodec.reasoning(in: delta) {
                answer.reasoning = (answer.reasoning ?? "") + reasoning
                events.append(.reasoning(reasoning))
            }
            let text = OpenAIChatCodec.text(of: delta["content"])
            if !text.isEmpty {
                answer.text += text
                events.append(.text(text))
            }
            if let refusal = delta["refusal"]?.stringValue {
                answer.refusal = (answer.refusal ?? "") + refusal
            }
            for call in delta["tool_calls"]?.arrayValue ?? [] {
                events += assembler.add(ToolCallFragment(chunk: call))
            }
            continuation.add(delta)
        }
        if let reason = choice["finish_reason"]?.stringValue {
            answer.finishReason = OpenAIChatCodec.finishReason(reason)
            hasFinishReason = true
        }
        return events
    }

    /// Judges the answer once the stream has ended: the last events and the whole answer, or why there is none.
    ///
    /// `malformedLines` are those that the event parser has counted.
    public mutating func finish(malformedLines: Int) -> Result<StreamEnd, Failure> {
        if var failure {
            failure.partialText = answer.partialText
            failure.usage = answer.usage
            return .failure(failure)
        }
        if chunks == 0 {
            let malformed = malformedChunks + malformedLines
            return .failure(codec.context.nothing(malformed: malformed, isDone: isDone, for: request))
        }
        answer.toolCalls = assembler.calls
        answer.continuation = continuation.json(provider: codec.context.provider)
        if !hasFinishReason, !isDone {
            let reason = "the stream ended before the answer was finished"
            return .failure(codec.context.broken(reason, after: answer, for: request))
        }
        if let failure = codec.interruption(of: answer, for: request) { return .failure(failure) }
        return Result { () throws(Failure) in
            StreamEnd(try codec.context.completion(from: answer, for: request))
        }
    }
}
