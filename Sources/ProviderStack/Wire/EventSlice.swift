#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A server-sent event where it lies: in the piece that brought it, or in a copy if it was cut or has several lines.
///
/// Valid only as long as the piece's bytes are.
public struct EventSlice {
    enum Bytes {
        case inPiece(UnsafeBufferPointer<UInt8>)
        case kept([UInt8])

        @inline(__always)
        func withBytes<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
            switch self {
            case .inPiece(let bytes): body(bytes)
            case .kept(let bytes): bytes.withUnsafeBufferPointer(body)
            }
        }

        var copy: [UInt8] {
            switch self {
            case .inPiece(let bytes): Array(bytes)
            case .kept(let bytes): bytes
            }
        }
    }

    private let nameBytes: Bytes?
    private let data: Bytes

    init(name: Bytes?, data: Bytes) {
        nameBytes = name
        self.data = data
    }

    /// An event with data of its own.
    public init(_ event: ServerSentEvents.Event) {
        nameBytes = event.name.map { .kept(Array($0.utf8)) }
        data = .kept(event.data)
    }

    /// The `event:` field, where there was one.
    public var name: String? { nameBytes?.withBytes { String(decoding: $0, as: UTF8.self) } }

    /// The data, UTF-8 as far as the server kept to it.
    public func withData<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        data.withBytes(body)
    }

    /// The event with data of its own, to be kept.
    public var copy: ServerSentEvents.Event { .init(name: name, data: data.copy) }
}

/// A piece of the network's bytes while its events, or lines, are taken from it.
public struct EventPiece {
    let bytes: UnsafeBufferPointer<UInt8>
    /// What is before this has been used.
    var position = 0
    /// The next line feed and the next carriage return at or after ``position``, as far as they have been looked for.
    /// Each byte is looked at once for each of the two, however many lines end in only one of them.
    private var feed = -1
    private var carriageReturn = -1

    public init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Where the line ends that starts at ``position``; nil if not in this piece.
    mutating func lineEnd() -> Int? {
        _ = lineFeed()
        if carriageReturn < position { carriageReturn = place(of: 0x0D) }
        let end = min(feed, carriageReturn)
        return end < bytes.count ? end : nil
    }

    /// Where the next line feed stands; nil if not in this piece.
    mutating func lineFeed() -> Int? {
        if feed < position { feed = place(of: 0x0A) }
        return feed < bytes.count ? feed : nil
    }

    private func place(of byte: UInt8) -> Int {
        guard position < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + position, Int32(byte), bytes.count - position)
        else { return bytes.count }
        return UnsafeRawPointer(base).distance(to: found)
    }
}

/// One field of an event while it comes: a place in the present piece as long as that will do, else a copy.
struct EventField: Sendable {
    private(set) var isSet = false
    private var place: Range<Int>?
    private var kept: [UInt8] = []

    var count: Int { place?.count ?? kept.count }

    mutating func set(to value: Range<Int>) {
        isSet = true
        place = value
        kept.removeAll(keepingCapacity: true)
    }

    /// Adds a line, after a line feed if it is not the first.
    mutating func addLine(_ bytes: UnsafeBufferPointer<UInt8>, _ value: Range<Int>) {
        guard isSet else { return set(to: value) }
        keep(from: bytes)
        kept.append(0x0A)
        kept.append(contentsOf: bytes[value])
    }

    /// Copies what lies in a piece that is about to go.
    mutating func keep(from bytes: UnsafeBufferPointer<UInt8>) {
        guard let place else { return }
        kept.append(contentsOf: bytes[place])
        self.place = nil
    }

    func taken(from bytes: UnsafeBufferPointer<UInt8>) -> EventSlice.Bytes {
        if let place { .inPiece(UnsafeBufferPointer(rebasing: bytes[place])) } else { .kept(kept) }
    }

    mutating func clear() {
        isSet = false
        place = nil
        if !kept.isEmpty { kept = [] }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// So that a `switch` can tell words apart where they lie.
    @inline(__always)
    static func ~= (pattern: StaticString, bytes: Self) -> Bool {
        guard bytes.count == pattern.utf8CodeUnitCount else { return false }
        for index in bytes.indices where bytes[index] != pattern.utf8Start[index] { return false }
        return true
    }
}
