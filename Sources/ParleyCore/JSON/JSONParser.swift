internal import OrderedCollections

/// Reads JSON text (RFC 8259) from UTF-8 bytes, strictly.
///
/// It exists beside Foundation's decoder because parley has to say where a file is broken (line and column), to keep
/// numbers and member order as written, and to read one value at a time from a buffer without copying it. Invalid
/// UTF-8, a lone surrogate escape and anything after the value are errors. Nesting is limited to ``depthMax``.
///
/// The parser borrows the buffer: it must not outlive the `withUnsafeBufferPointer` that made it.
public struct JSONParser {
    /// Deeper nesting is refused, so that a hostile file cannot exhaust the stack.
    public static let depthMax = 256

    let bytes: UnsafeBufferPointer<UInt8>
    /// The offset of the next unread byte.
    public internal(set) var position: Int

    public init(_ bytes: UnsafeBufferPointer<UInt8>, from position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    /// Reads the next value and leaves ``position`` behind its last byte.
    public mutating func value() throws(JSONSyntaxError) -> JSON {
        try value(depth: 0)
    }

    /// Makes sure that nothing but white space is left.
    public mutating func end() throws(JSONSyntaxError) {
        skipSpace()
        guard position == bytes.count else { throw error("text after the end of the value") }
    }

    /// Moves past spaces, tabs and line ends.
    public mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    func error(_ reason: String, at offset: Int? = nil) -> JSONSyntaxError {
        JSONSyntaxError(reason: reason, offset: offset ?? position)
    }
}

extension JSONParser {
    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSON {
        guard depth < Self.depthMax else { throw error("nested deeper than \(Self.depthMax) levels") }
        skipSpace()
        guard position < bytes.count else { throw error("the text ends where a value should stand") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: throw error("a value cannot start with \(Self.name(of: bytes[position]))")
        }
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSON {
        position += 1
        var members = JSONObject()
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            skipSpace()
            guard position < bytes.count else { throw error("the text ends inside an object") }
            guard bytes[position] == UInt8(ascii: "\"") else { throw error("a member needs a quoted name") }
            let name = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw error("a colon is missing after a member's name") }
            members[name] = try value(depth: depth + 1)
            skipSpace()
            if take(UInt8(ascii: ",")) { continue }
            if take(UInt8(ascii: "}")) { return .object(members) }
            throw position < bytes.count
                ? error("a comma or a closing brace is missing") : error("the text ends inside an object")
        }
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSON {
        position += 1
        var elements: [JSON] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if take(UInt8(ascii: ",")) { continue }
            if take(UInt8(ascii: "]")) { return .array(elements) }
            throw position < bytes.count
                ? error("a comma or a closing bracket is missing") : error("the text ends inside an array")
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONSyntaxError) -> JSON {
        let length = word.utf8CodeUnitCount
        guard position + length <= bytes.count,
            (0..<length).allSatisfy({ bytes[position + $0] == word.utf8Start[$0] })
        else { throw error("not a JSON word: only true, false and null are") }
        position += length
        return value
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    static func name(of byte: UInt8) -> String {
        (0x21...0x7E).contains(byte)
            ? "'\(Character(UnicodeScalar(byte)))'" : "the byte 0x\(String(byte, radix: 16, uppercase: true))"
    }
}

extension JSON {
    /// The one value that the bytes hold.
    public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(JSONSyntaxError) {
        var parser = JSONParser(bytes)
        self = try parser.value()
        try parser.end()
    }

    /// The one value that the UTF-8 bytes hold.
    public init(parsing bytes: [UInt8]) throws(JSONSyntaxError) {
        self = try bytes.withUnsafeBufferPointer { buffer throws(JSONSyntaxError) in
            try JSON(parsing: buffer)
        }
    }

    /// The one value that the text holds.
    public init(parsing text: String) throws(JSONSyntaxError) {
        var text = text
        let result: Result<JSON, JSONSyntaxError> = text.withUTF8 { bytes in
            do throws(JSONSyntaxError) {
                return .success(try JSON(parsing: bytes))
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }
}
