public import ParleyCore

/// Reads a streamed answer, line by line, and judges it at its end.
///
/// A plain value. Text, reasoning and whole tool calls come as they are made; the figures and the reason for the end stand
/// on the last line, the one with `done`. An error may take the place of any line, although the status was 200.
public struct OllamaStream: DialectStream {
    private let codec: OllamaCodec
    private let request: CompletionRequest
    private var lines = NDJSONLines()
    private var assembler = ToolCallAssembler()
    private var answer = ReadAnswer()
    private var linesRead = 0
    private var linesSkipped = 0
    private var failure: Failure?

    /// The line with `done` has come, or an error: nothing more is worth waiting for.
    public private(set) var isDone = false
    public var partialText: String? { answer.partialText }
    public var usage: Usage? { answer.usage }

    public init(codec: OllamaCodec, request: CompletionRequest) {
        self.codec = codec
        self.request = request
    }

    public mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) -> [CompletionEvent] {
        var events: [CompletionEvent] = []
        var piece = EventPiece(bytes)
        while let line = lines.next(in: &piece) { read(line, into: &events) }
        return events
    }

    /// Reads a line: one that tells a piece of text or reasoning and nothing else without a tree of values, all others by
    /// the parser, with the same outcome.
    private mutating func read(_ line: NDJSONLines.RawLine, into events: inout [CompletionEvent]) {
        if isDone { return }
        var delta = OllamaDelta()
        guard case .bytes(let bytes) = line,
            bytes.withBytes({ delta.skim($0, wantsModel: answer.model == nil) })
        else {
            events += read(lines.read(line))
            return
        }
        linesRead += 1
        if let model = delta.model { answer.model = model }
        if let reasoning = delta.reasoning {
            answer.reasoning = (answer.reasoning ?? "") + reasoning
            events.append(.reasoning(reasoning))
        }
        if let text = delta.text {
            answer.text += text
            events.append(.text(text))
        }
    }

    private mutating func read(_ line: NDJSONLines.Line) -> [CompletionEvent] {
        if isDone { return [] }
        guard case .document(let document) = line, case .object = document else {
            linesSkipped += 1
            return [.warning("a line of the answer could not be read and was skipped")]
        }
        if let error = document["error"], !error.isNull {
            failure = codec.context.failure(for: error, status: nil, request: request)
            failure?.responseBody = codec.context.redacted(document.text())
            isDone = true
            return []
        }
        linesRead += 1
        if answer.model == nil { answer.model = OllamaCodec.model(in: document) }
        let events = document["message"].map { read(message: $0) } ?? []
        if document["done"]?.boolValue == true {
            answer.finishReason = OllamaCodec.finishReason(in: document)
            answer.usage = OllamaCodec.usage(in: document)
            isDone = true
        }
        return events
    }

    private mutating func read(message: JSON) -> [CompletionEvent] {
        var events: [CompletionEvent] = []
        if let reasoning = OllamaCodec.reasoning(in: message) {
            answer.reasoning = (answer.reasoning ?? "") + reasoning
            events.append(.reasoning(reasoning))
        }
        if let text = message["content"]?.stringValue, !text.isEmpty {
            answer.text += text
            events.append(.text(text))
        }
        for call in message["tool_calls"]?.arrayValue ?? [] {
            events += assembler.add(ToolCallFragment(whole: call))
        }
        return events
    }

    public mutating func finish() -> Result<StreamEnd, Failure> {
        var events: [CompletionEvent] = []
        for line in lines.finish() { events += read(line) }
        if var failure {
            failure.partialText = answer.partialText
            failure.usage = answer.usage
            return .failure(failure)
        }
        if linesRead == 0 {
            return .failure(codec.context.nothing(malformed: linesSkipped, isDone: isDone, for: request))
        }
        answer.toolCalls = assembler.calls
        guard isDone else {
            let reason = "the stream ended before the answer was finished"
            return .failure(codec.context.broken(reason, after: answer, for: request))
        }
        return Result { () throws(Failure) in
            let end = StreamEnd(try codec.context.completion(from: answer, for: request))
            return StreamEnd(events: events + end.events, completion: end.completion)
        }
    }
}
