/// Takes a stream of server-sent events apart as its bytes arrive.
///
/// Follows the WHATWG text (lines end in CR, LF or CRLF; `data:` with or without a space; several data lines make one
/// event, joined by line feeds; comments; a byte order mark) and is milder where servers are sloppy: the last event
/// may lack its blank line, and a line that starts with `{` is taken as data. Bytes may be cut anywhere, inside a
/// character too: nothing is decoded before its line is whole.
///
/// An event that lies whole in the piece that brought it is handed out where it lies, without a copy.
public struct ServerSentEvents: Sendable {
    /// The most bytes of one event; a longer one is dropped and counted as malformed.
    public static let eventBytesMax = 16 * 1024 * 1024

    /// An event with data of its own.
    public struct Event: Sendable, Hashable {
        /// The `event:` field, where there was one.
        public var name: String?
        /// The data lines, UTF-8 as far as the server kept to it.
        public var data: [UInt8]

        public init(name: String? = nil, data: [UInt8]) {
            self.name = name
            self.data = data
        }

        public var text: String { String(decoding: data, as: UTF8.self) }
    }

    /// Lines that are no field of the format.
    public private(set) var malformedLines = 0

    /// The beginning of a line whose end has not come.
    private var line: [UInt8] = []
    private var lineIsTooLong = false
    private var lastWasReturn = false
    private var isAtStart = true
    private var name = EventField()
    private var data = EventField()
    private var dataIsTooLong = false

    public init() {}

    /// The next event that is whole within the piece; nil once the piece is used up and what is left of it is kept.
    public mutating func next(in piece: inout EventPiece) -> EventSlice? {
        while let end = piece.lineEnd() {
            let start = piece.position
            let isReturn = piece.bytes[end] == 0x0D
            piece.position = end + 1
            // The second half of CRLF.
            let isSecondHalf = lastWasReturn && !isReturn && start == end && line.isEmpty
            lastWasReturn = isReturn
            if isSecondHalf { continue }
            if line.isEmpty, !lineIsTooLong {
                if let event = read(piece.bytes, start..<end) { return event }
            } else if let event = endLine(with: piece.bytes, start..<end) {
                return event
            }
        }
        if piece.position < piece.bytes.count {
            lastWasReturn = false
            keep(piece.bytes, piece.position..<piece.bytes.count)
            piece.position = piece.bytes.count
        }
        name.keep(from: piece.bytes)
        data.keep(from: piece.bytes)
        return nil
    }

    /// The event that lacked its blank line when the stream ended, if there was one.
    public mutating func finish() -> [Event] {
        let nothing = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        var events: [Event] = []
        if !line.isEmpty, let event = endLine(with: nothing, 0..<0) { events.append(event.copy) }
        if let event = dispatch(nothing) { events.append(event.copy) }
        return events
    }

    private mutating func keep(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        if range.isEmpty || lineIsTooLong { return }
        if line.count + range.count > Self.eventBytesMax {
            lineIsTooLong = true
            line.removeAll()
        } else {
            line.append(contentsOf: bytes[range])
        }
    }

    /// Ends a line whose beginning was kept. What it sets is kept as well, since its bytes are in no piece.
    private mutating func endLine(with bytes: UnsafeBufferPointer<UInt8>, _ tail: Range<Int>) -> EventSlice? {
        keep(bytes, tail)
        if lineIsTooLong {
            malformedLines += 1
            lineIsTooLong = false
            return nil
        }
        let whole = line
        line.removeAll(keepingCapacity: true)
        return whole.withUnsafeBufferPointer { whole in
            // A line that is not empty ends no event, but a byte order mark alone leaves an empty one.
            let event = read(whole, 0..<whole.count).map { EventSlice($0.copy) }
            name.keep(from: whole)
            data.keep(from: whole)
            return event
        }
    }

    /// Reads a whole line; an empty one ends the event.
    private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) -> EventSlice? {
        var line = line
        if isAtStart {
            isAtStart = false
            if bytes[line].starts(with: [0xEF, 0xBB, 0xBF]) { line = line.lowerBound + 3..<line.upperBound }
        }
        guard let first = line.first.map({ bytes[$0] }) else { return dispatch(bytes) }
        if first == UInt8(ascii: ":") { return nil }
        if first == UInt8(ascii: "{") {
            add(bytes, line)
            return nil
        }
        let colon = bytes[line].firstIndex(of: UInt8(ascii: ":")) ?? line.upperBound
        var value = min(colon + 1, line.upperBound)..<line.upperBound
        if let space = value.first, bytes[space] == 0x20 { value = space + 1..<value.upperBound }
        switch UnsafeBufferPointer(rebasing: bytes[line.lowerBound..<colon]) {
        case "data": add(bytes, value)
        case "event": name.set(to: value)
        case "id", "retry": break
        default: malformedLines += 1
        }
        return nil
    }

    private mutating func add(_ bytes: UnsafeBufferPointer<UInt8>, _ value: Range<Int>) {
        if dataIsTooLong || data.count + value.count > Self.eventBytesMax {
            dataIsTooLong = true
            data = EventField()
            return
        }
        data.addLine(bytes, value)
    }

    private mutating func dispatch(_ bytes: UnsafeBufferPointer<UInt8>) -> EventSlice? {
        if dataIsTooLong { malformedLines += 1 }
        let event: EventSlice? =
            if !dataIsTooLong, data.count > 0 {
                EventSlice(name: name.isSet ? name.taken(from: bytes) : nil, data: data.taken(from: bytes))
            } else {
                nil
            }
        name.clear()
        data.clear()
        dataIsTooLong = false
        return event
    }
}

extension ServerSentEvents {
    /// The events that are whole once these bytes have come, each with data of its own.
    public mutating func push(_ bytes: UnsafeBufferPointer<UInt8>) -> [Event] {
        var piece = EventPiece(bytes)
        var events: [Event] = []
        while let event = next(in: &piece) { events.append(event.copy) }
        return events
    }

    public mutating func push(_ bytes: [UInt8]) -> [Event] {
        bytes.withUnsafeBufferPointer { push($0) }
    }
}
