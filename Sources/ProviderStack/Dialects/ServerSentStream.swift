public import ParleyCore

/// Reads the events of one dialect's stream; ``ServerSentStream`` takes the bytes apart for it.
public protocol ServerSentReader: Sendable {
    mutating func read(_ event: ServerSentEvents.Event) -> [CompletionEvent]

    /// Reads an event where it lies. A reader that knows its common events without a copy says so here; by default the
    /// event is copied and given to ``read(_:)``.
    mutating func read(_ event: EventSlice, into events: inout [CompletionEvent])

    var isDone: Bool { get }
    var partialText: String? { get }
    var usage: Usage? { get }
    /// `malformedLines` are those that the event parser has counted.
    mutating func finish(malformedLines: Int) -> Result<StreamEnd, Failure>
}

extension ServerSentReader {
    public mutating func read(_ event: EventSlice, into events: inout [CompletionEvent]) {
        events += read(event.copy)
    }
}

/// A streamed answer that comes as server-sent events.
public struct ServerSentStream<Reader: ServerSentReader>: DialectStream {
    private var events = ServerSentEvents()
    private var reader: Reader

    public init(_ reader: Reader) { self.reader = reader }

    public var isDone: Bool { reader.isDone }
    public var partialText: String? { reader.partialText }
    public var usage: Usage? { reader.usage }

    public mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) -> [CompletionEvent] {
        var steps: [CompletionEvent] = []
        // Most events take some 250 bytes on the wire and make one step.
        steps.reserveCapacity(bytes.count / 256 + 1)
        var piece = EventPiece(bytes)
        while let event = events.next(in: &piece) { reader.read(event, into: &steps) }
        return steps
    }

    public mutating func finish() -> Result<StreamEnd, Failure> {
        var steps: [CompletionEvent] = []
        for event in events.finish() { reader.read(EventSlice(event), into: &steps) }
        return reader.finish(malformedLines: events.malformedLines).map { end in
            StreamEnd(events: steps + end.events, completion: end.completion)
        }
    }
}
