/// Takes a stream of server-sent events apart, byte by byte as it arrives.
///
/// Follows the WHATWG text (lines end in CR, LF or CRLF; `data:` with or without a space; several data lines make one
/// event, joined by line feeds; comments; a byte order mark) and is milder where servers are sloppy: the last event
/// may lack its blank line, and a line that starts with `{` is taken as data. Bytes may be cut anywhere, inside a
/// character too: nothing is decoded before its line is whole.
public struct ServerSentEvents: Sendable {
    /// The most bytes of one event; a longer one is dropped and counted as malformed.
    public static let eventBytesMax = 16 * 1024 * 1024

    public struct Event: Sendable, Hashable {
        /// The `event:` field, where there was one.
        public var name: String?
        /// The data lines, UTF-8 as far as the server kept to it.
        public var data: [UInt8]

        public var text: String { String(decoding: data, as: UTF8.self) }
    }

    /// Lines that are no field of the format.
    public private(set) var malformedLines = 0

    private var line: [UInt8] = []
    private var lineIsTooLong = false
    private var lastWasReturn = false
    private var isAtStart = true
    private var name: String?
    private var data: [UInt8] = []
    private var hasData = false
    private var dataIsTooLong = false

    public init() {}

    /// The events that are whole once these bytes have come.
    public mutating func push(_ bytes: UnsafeBufferPointer<UInt8>) -> [Event] {
        var events: [Event] = []
        var start = 0
        for index in bytes.indices {
            let byte = bytes[index]
            guard byte == 0x0A || byte == 0x0D else {
                lastWasReturn = false
                continue
            }
            if byte == 0x0A, lastWasReturn, start == index, line.isEmpty {
                // The second half of CRLF.
                lastWasReturn = false
                start = index + 1
                continue
            }
            lastWasReturn = byte == 0x0D
            endLine(with: UnsafeBufferPointer(rebasing: bytes[start..<index]), into: &events)
            start = index + 1
        }
        keep(UnsafeBufferPointer(rebasing: bytes[start...]))
        return events
    }

    public mutating func push(_ bytes: [UInt8]) -> [Event] {
        bytes.withUnsafeBufferPointer { push($0) }
    }

    /// The event that lacked its blank line when the stream ended, if there was one.
    public mutating func finish() -> [Event] {
        var events: [Event] = []
        if !line.isEmpty { endLine(with: UnsafeBufferPointer(start: nil, count: 0), into: &events) }
        dispatch(into: &events)
        return events
    }

    private mutating func keep(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard !bytes.isEmpty, !lineIsTooLong else { return }
        if line.count + bytes.count > Self.eventBytesMax {
            lineIsTooLong = true
            line.removeAll()
        } else {
            line.append(contentsOf: bytes)
        }
    }

    private mutating func endLine(with tail: UnsafeBufferPointer<UInt8>, into events: inout [Event]) {
        if line.isEmpty, !lineIsTooLong {
            read(tail, into: &events)
            return
        }
        keep(tail)
        if lineIsTooLong {
            malformedLines += 1
            lineIsTooLong = false
            return
        }
        let whole = line
        line.removeAll(keepingCapacity: true)
        whole.withUnsafeBufferPointer { read($0, into: &events) }
    }

    private mutating func read(_ whole: UnsafeBufferPointer<UInt8>, into events: inout [Event]) {
        var line = whole[...]
        if isAtStart {
            isAtStart = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
        }
        guard let first = line.first else { return dispatch(into: &events) }
        if first == UInt8(ascii: ":") { return }
        if first == UInt8(ascii: "{") { return add(line) }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = colon == line.endIndex ? line[colon...] : line[(colon + 1)...]
        if value.first == 0x20 { value = value.dropFirst() }
        let field = line[..<colon]
        if field.elementsEqual("data".utf8) {
            add(value)
        } else if field.elementsEqual("event".utf8) {
            name = String(decoding: value, as: UTF8.self)
        } else if !field.elementsEqual("id".utf8), !field.elementsEqual("retry".utf8) {
            malformedLines += 1
        }
    }

    private mutating func add(_ value: Slice<UnsafeBufferPointer<UInt8>>) {
        if dataIsTooLong || data.count + value.count > Self.eventBytesMax {
            dataIsTooLong = true
            data.removeAll()
            return
        }
        if hasData { data.append(0x0A) }
        data.append(contentsOf: value)
        hasData = true
    }

    private mutating func dispatch(into events: inout [Event]) {
        if dataIsTooLong {
            malformedLines += 1
        } else if hasData, !data.isEmpty {
            events.append(Event(name: name, data: data))
        }
        name = nil
        data = []
        hasData = false
        dataIsTooLong = false
    }
}
