internal import OrderedCollections

/// Reads what is nearly JSON: a Python or JavaScript literal, or JSON whose end is missing.
///
/// It never throws: what cannot be read is nil. Beyond JSON, every grammar takes strings with raw line breaks, with escapes
/// that do not exist (kept as they stand) and with half a surrogate pair (U+FFFD). One pass, no look back: the time is
/// linear in the bytes that are read. Nesting is limited to ``JSONParser/depthMax``.
///
/// The parser borrows the buffer, which must hold valid UTF-8.
public struct LooseJSONParser {
    /// What counts as a value.
    public enum Grammar: Sendable, Hashable {
        case json
        /// JSON and also: single quotes, `True`, `False`, `None`, `NaN`, tuples, names without quotes, numbers such as `.5` and
        /// `+1`, commas at the end, comments.
        case literal
    }

    let bytes: UnsafeBufferPointer<UInt8>
    let grammar: Grammar
    /// Whether a value that breaks off is closed, so that what stands before the break is saved.
    let closesEnd: Bool
    /// The offset of the next unread byte.
    public internal(set) var position: Int
    /// The offset behind the last byte that is part of the value: what lies beyond was given up.
    public internal(set) var keptEnd: Int
    /// The value broke off, by the end of the text or by something that does not belong there.
    public internal(set) var isCut = false
    /// It was the end of the text at which the value broke off.
    public internal(set) var ranOut = false

    public init(
        _ bytes: UnsafeBufferPointer<UInt8>, from position: Int = 0, grammar: Grammar = .literal,
        closesEnd: Bool = false
    ) {
        self.bytes = bytes
        self.position = position
        self.grammar = grammar
        self.closesEnd = closesEnd
        keptEnd = position
    }

    /// The next value; nil when there is none, or when it breaks off and nothing of it is worth keeping.
    ///
    /// A closed value keeps no name without a value, and no object or array that had just been opened.
    public mutating func value() -> JSON? { value(depth: 0) }

    /// Moves past white space, and past comments where the grammar has them.
    public mutating func skipSpace() {
        while let byte = next {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            case UInt8(ascii: "#") where grammar == .literal: skipLine()
            case UInt8(ascii: "/") where grammar == .literal && byteAfterNext == UInt8(ascii: "/"): skipLine()
            case UInt8(ascii: "/") where grammar == .literal && byteAfterNext == UInt8(ascii: "*"):
                skipComment()
            default: return
            }
        }
    }

    private mutating func skipLine() {
        while let byte = next, byte != 0x0A { position += 1 }
    }

    private mutating func skipComment() {
        position += 2
        while let byte = next {
            if byte == UInt8(ascii: "*"), byteAfterNext == UInt8(ascii: "/") {
                position += 2
                return
            }
            position += 1
        }
    }

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }
    private var byteAfterNext: UInt8? { position + 1 < bytes.count ? bytes[position + 1] : nil }

    /// Moves past that byte if it is the next one.
    public mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    /// Notes that the value breaks off here.
    mutating func cut<Value>() -> Value? {
        isCut = true
        if position >= bytes.count { ranOut = true }
        return nil
    }
}

extension LooseJSONParser {
    private mutating func value(depth: Int) -> JSON? {
        guard depth < JSONParser.depthMax else { return cut() }
        skipSpace()
        guard let byte = next else { return cut() }
        switch byte {
        case UInt8(ascii: "{"): return object(depth: depth)
        case UInt8(ascii: "["): return array(depth: depth, closing: UInt8(ascii: "]"))
        case UInt8(ascii: "(") where grammar == .literal:
            return array(depth: depth, closing: UInt8(ascii: ")"))
        case UInt8(ascii: "\""): return string().map { .string($0) }
        case UInt8(ascii: "'") where grammar == .literal: return string().map { .string($0) }
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return number()
        case UInt8(ascii: "+") where grammar == .literal, UInt8(ascii: ".") where grammar == .literal:
            return number()
        default: return word()
        }
    }

    private mutating func object(depth: Int) -> JSON? {
        position += 1
        var members = JSONObject()
        var isAfterComma = false
        while true {
            skipSpace()
            if next == UInt8(ascii: "}"), !isAfterComma || grammar == .literal { break }
            guard let name = name() else { return saved(members) }
            skipSpace()
            guard take(UInt8(ascii: ":")) else {
                isCut = true
                ranOut = ranOut || position >= bytes.count
                return saved(members)
            }
            guard let value = value(depth: depth + 1) else { return saved(members) }
            members[name] = value
            if isCut { return saved(members) }
            skipSpace()
            isAfterComma = take(UInt8(ascii: ","))
            if isAfterComma || next == UInt8(ascii: "}") { continue }
            isCut = true
            ranOut = position >= bytes.count
            return saved(members)
        }
        position += 1
        keptEnd = position
        return .object(members)
    }

    private func saved(_ members: JSONObject) -> JSON? {
        closesEnd && !members.isEmpty ? .object(members) : nil
    }

    private mutating func array(depth: Int, closing: UInt8) -> JSON? {
        position += 1
        var elements: [JSON] = []
        var isAfterComma = false
        while true {
            skipSpace()
            if next == closing, !isAfterComma || grammar == .literal { break }
            guard let element = value(depth: depth + 1) else { return saved(elements) }
            elements.append(element)
            if isCut { return saved(elements) }
            skipSpace()
            isAfterComma = take(UInt8(ascii: ","))
            if isAfterComma || next == closing { continue }
            isCut = true
            ranOut = position >= bytes.count
            return saved(elements)
        }
        position += 1
        keptEnd = position
        return .array(elements)
    }

    private func saved(_ elements: [JSON]) -> JSON? {
        closesEnd && !elements.isEmpty ? .array(elements) : nil
    }

    /// A member's name; nil when it breaks off, since half a name names nothing.
    private mutating func name() -> String? {
        let kept = keptEnd
        defer { keptEnd = kept }
        guard let byte = next else { return cut() }
        switch byte {
        case UInt8(ascii: "\""):
            return wholeString()
        case UInt8(ascii: "'") where grammar == .literal:
            return wholeString()
        case UInt8(ascii: "-") where grammar == .literal,
            UInt8(ascii: "0")...UInt8(ascii: "9") where grammar == .literal:
            guard case .number(let literal)? = number(), !isCut else { return nil }
            return literal
        default:
            guard grammar == .literal, let name = bareName() else { return cut() }
            return name
        }
    }

    private mutating func wholeString() -> String? {
        let text = string()
        return isCut ? nil : text
    }
}
