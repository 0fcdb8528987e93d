internal import OrderedCollections

/// The search behind ``ProseJSON/find(_:in:)``.
///
/// Each way of looking is one walk over the text that tries a parser at every bracket. A try costs the bytes that it read;
/// once a walk has spent ``stepsPerByte`` times the text's length it ends, so that no arrangement of brackets makes
/// the search quadratic. Ordinary text costs one to three steps a byte.
struct ProseSearch {
    static let stepsPerByte = 8
    /// What a walk may spend however short the text is: a short text is searched to its end.
    static let stepsMin = 1 << 16

    private let bytes: UnsafeBufferPointer<UInt8>
    private let kind: ProseJSON.Kind
    /// Bytes read so far, each as often as it was read.
    private(set) var steps = 0
    private var stepsMax = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>, kind: ProseJSON.Kind) {
        self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? .init(rebasing: bytes[3...]) : bytes
        self.kind = kind
    }

    mutating func result() -> ProseJSON? {
        if let value = whole(bytes) { return found(value, .whole) }
        guard bytes.count <= ProseJSON.searchedBytesMax else { return nil }
        let fences = CodeFence.all(in: bytes)
        for fence in fences {
            let body = UnsafeBufferPointer(rebasing: bytes[fence.body])
            if let value = whole(body), fence.word == "json" || value.isContainer {
                return found(value, .fence)
            }
        }
        let bodies = fences.map(\.body)
        if let json = walk(over: [bytes.indices], Self.strict) { return json }
        // A block may be closed although what it holds was cut off.
        if let json = walk(over: bodies, Self.strict) { return json }
        for body in bodies + [bytes.indices] {
            if let value = literal(UnsafeBufferPointer(rebasing: bytes[body])) {
                return found(value, .literal)
            }
        }
        return walk(over: [bytes.indices], Self.literal) ?? walk(over: [bytes.indices], Self.pairs)
    }

    private func found(_ value: JSON, _ origin: ProseJSON.Origin) -> ProseJSON {
        ProseJSON(value: value, origin: origin)
    }

    /// The value, if nothing else stands there. An object that was written into a JSON string is taken out of it.
    private mutating func whole(_ bytes: UnsafeBufferPointer<UInt8>) -> JSON? {
        var parser = JSONParser(bytes)
        defer { steps += parser.position }
        guard let value = try? parser.value(), (try? parser.end()) != nil else { return nil }
        guard kind == .object else { return value }
        if case .object = value { return value }
        guard case .string(let inner) = value, let unpacked = try? JSON(parsing: inner),
            case .object = unpacked
        else { return nil }
        return unpacked
    }

    private mutating func literal(_ bytes: UnsafeBufferPointer<UInt8>) -> JSON? {
        var parser = LooseJSONParser(bytes)
        defer { steps += parser.position }
        guard let value = parser.value() else { return nil }
        parser.skipSpace()
        guard parser.position == bytes.count else { return nil }
        switch value {
        case .object: return value
        case .array, .bool, .null: return kind == .any ? value : nil
        case .string, .number: return nil
        }
    }
}

extension ProseSearch {
    /// What a try at one bracket came to.
    struct Try {
        var value: JSON?
        /// Behind the value.
        var end = 0
        /// Bytes read.
        var cost: Int
        var origin = ProseJSON.Origin.embedded
    }

    /// Tries a parser at every bracket from left to right, beyond what it has read already.
    private mutating func walk(
        over ranges: [Range<Int>], _ attempt: (UnsafeBufferPointer<UInt8>, Int) -> Try
    ) -> ProseJSON? {
        stepsMax = steps + max(Self.stepsMin, bytes.count * Self.stepsPerByte)
        var second: ProseJSON?
        for range in ranges {
            let text = UnsafeBufferPointer(rebasing: bytes[range])
            var position = 0
            while position < text.count, steps < stepsMax {
                let byte = text[position]
                steps += 1
                guard byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") && kind == .any else {
                    position += 1
                    continue
                }
                let tried = attempt(text, position)
                steps += tried.cost
                guard let value = tried.value else {
                    position += 1
                    continue
                }
                if value.isTelling { return found(value, tried.origin) }
                if second == nil { second = found(value, tried.origin) }
                position = tried.end
            }
        }
        return second
    }

    /// Strict JSON at that place, or what the end of the text has left of it.
    ///
    /// What the end cut off is preferred to the whole objects within it: they are its parts.
    private static func strict(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Try {
        var ahead = start + 1
        while ahead < bytes.count, " \t\r\n".utf8.contains(bytes[ahead]) { ahead += 1 }
        let isObject = bytes[start] == UInt8(ascii: "{")
        // Spares the parser each brace of a program or a formula.
        guard ahead < bytes.count,
            !isObject || bytes[ahead] == UInt8(ascii: "\"") || bytes[ahead] == UInt8(ascii: "}")
        else { return Try(cost: ahead - start) }
        var parser = JSONParser(bytes, from: start)
        if let value = try? parser.value() {
            return Try(value: value, end: parser.position, cost: parser.position - start)
        }
        var saver = LooseJSONParser(bytes, from: start, grammar: .json, closesEnd: true)
        let value = saver.value()
        let cost = parser.position + saver.position - 2 * start
        guard let value, saver.ranOut || !saver.isCut else { return Try(cost: cost) }
        return Try(value: value, end: saver.position, cost: cost, origin: .repaired)
    }

    private static func literal(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Try {
        var parser = LooseJSONParser(bytes, from: start)
        let value = parser.value()
        return Try(value: value, end: parser.position, cost: parser.position - start, origin: .literal)
    }

    private static func pairs(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Try {
        guard bytes[start] == UInt8(ascii: "{") else { return Try(cost: 0) }
        let reach = min(bytes.count, start + ProseJSON.pairsBytesMax)
        var end = start + 1
        while end < reach, bytes[end] != UInt8(ascii: "}"), bytes[end] != UInt8(ascii: "{") { end += 1 }
        guard end < reach, bytes[end] == UInt8(ascii: "}") else { return Try(cost: end - start) }
        let members = FlatPairs.read(UnsafeBufferPointer(rebasing: bytes[(start + 1)..<end]))
        return Try(value: members.map { .object($0) }, end: end + 1, cost: end - start, origin: .pairs)
    }
}

extension JSON {
    fileprivate var isContainer: Bool {
        switch self {
        case .object, .array: true
        default: false
        }
    }

    /// An object that says something, or an array of such: what in prose is hardly there by chance.
    fileprivate var isTelling: Bool {
        switch self {
        case .object(let members): !members.isEmpty
        case .array(let elements): elements.contains { $0.isContainer }
        default: false
        }
    }
}
