/// Walks through one JSON text without building values, for texts whose shape is known beforehand.
///
/// It is one half of a fast path. Either it has understood the text whole (``isWhole()`` says so), and then what it gave is
/// what ``JSONParser`` would have given; or it gives up, and the parser must be asked. It never says why, and it gives up
/// on more than errors: escapes in names and deep nesting are rare enough to be left to the parser.
///
/// What is passed over is checked as strictly as what is read. Each value must be taken by exactly one call before the
/// next name or element is asked for. The skimmer borrows the buffer, as the parser does.
public struct JSONSkimmer {
    /// Values that are passed over may be nested so deep; beyond, the parser is asked.
    public static let depthMax = 16

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    /// The container that was entered last has given nothing yet, so that no comma is due.
    private var isFirst = true
    private var hasGivenUp = false

    public init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Whether the text was one value, taken whole, with nothing but white space behind it.
    public mutating func isWhole() -> Bool {
        skipSpace()
        return !hasGivenUp && position == bytes.count
    }

    /// Stops understanding: for a caller that meets what it does not know.
    public mutating func giveUp() {
        hasGivenUp = true
        position = bytes.count
    }
}

// MARK: Containers

extension JSONSkimmer {
    /// A name or a short text as it stands there: without escapes, ASCII.
    public struct Word {
        @usableFromInline let bytes: UnsafeBufferPointer<UInt8>

        @usableFromInline init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

        /// So that a `switch` can tell words apart.
        @inlinable
        public static func ~= (pattern: StaticString, word: Word) -> Bool {
            let count = pattern.utf8CodeUnitCount
            guard word.bytes.count == count else { return false }
            for index in 0..<count where word.bytes[index] != pattern.utf8Start[index] { return false }
            return true
        }
    }

    /// Steps into the object that must stand here.
    public mutating func enterObject() {
        skipSpace()
        take(UInt8(ascii: "{"))
        isFirst = true
    }

    /// The next member's name, with its colon taken; nil once the object's end has been taken, or all is given up.
    public mutating func nextName() -> Word? {
        guard stepsOn(before: UInt8(ascii: "}")), let name = word() else { return nil }
        skipSpace()
        guard take(UInt8(ascii: ":")) else { return nil }
        skipSpace()
        return name
    }

    /// Steps into the array that must stand here.
    public mutating func enterArray() {
        skipSpace()
        take(UInt8(ascii: "["))
        isFirst = true
    }

    /// Whether there is a next element; false once the array's end has been taken, or all is given up.
    public mutating func nextElement() -> Bool { stepsOn(before: UInt8(ascii: "]")) }

    /// Takes the comma that is due, or the closing bracket: then false.
    private mutating func stepsOn(before close: UInt8) -> Bool {
        skipSpace()
        guard position < bytes.count else {
            giveUp()
            return false
        }
        if bytes[position] == close {
            position += 1
            isFirst = false
            return false
        }
        if isFirst {
            isFirst = false
            return true
        }
        guard take(UInt8(ascii: ",")) else { return false }
        skipSpace()
        return true
    }
}

// MARK: Values

extension JSONSkimmer {
    /// Takes a `null` if one stands here.
    public mutating func takesNull() -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "n") else { return false }
        literal("null")
        return !hasGivenUp
    }

    /// The whole number, not negative and of at most 17 digits, that must stand here.
    public mutating func integer() -> Int? {
        var value = 0
        let start = position
        while position < bytes.count, position - start < 18, case let digit = bytes[position] &- 0x30,
            digit < 10
        {
            value = value &* 10 &+ Int(digit)
            position += 1
        }
        // A leading zero, a fraction, an exponent, an eighteenth digit and a space behind are the parser's.
        let digits = position - start
        guard digits == 1 || digits > 1 && digits < 18 && bytes[start] != 0x30, position < bytes.count,
            bytes[position] == UInt8(ascii: ",") || bytes[position] == UInt8(ascii: "}")
        else {
            giveUp()
            return nil
        }
        return value
    }

    /// The string that must stand here.
    public mutating func string() -> String? {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            giveUp()
            return nil
        }
        let start = position + 1
        let run = bytes.stringRun(from: start)
        guard run.isASCII, run.end < bytes.count, bytes[run.end] == UInt8(ascii: "\"") else {
            return parsedString()
        }
        position = run.end + 1
        return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<run.end]), as: UTF8.self)
    }

    /// The string that must stand here, where it lies: for one of a few known words. One with escapes or beyond ASCII is
    /// the parser's.
    public mutating func word() -> Word? {
        let start = position + 1
        guard take(UInt8(ascii: "\"")) else { return nil }
        let run = bytes.stringRun(from: start)
        position = run.end
        guard run.isASCII, take(UInt8(ascii: "\"")) else {
            giveUp()
            return nil
        }
        return Word(bytes: UnsafeBufferPointer(rebasing: bytes[start..<run.end]))
    }

    /// The `true` or `false` that must stand here.
    public mutating func boolean() -> Bool? {
        guard position < bytes.count else {
            giveUp()
            return nil
        }
        let value = bytes[position] == UInt8(ascii: "t")
        literal(value ? "true" : "false")
        return hasGivenUp ? nil : value
    }

    /// Passes over the value that stands here, whatever it is.
    public mutating func skip() { skip(depth: 0) }

    private mutating func skip(depth: Int) {
        guard position < bytes.count, depth < Self.depthMax else { return giveUp() }
        switch bytes[position] {
        case UInt8(ascii: "\""):
            let run = bytes.stringRun(from: position + 1)
            if run.isASCII, run.end < bytes.count, bytes[run.end] == UInt8(ascii: "\"") {
                position = run.end + 1
            } else {
                _ = parsedString()
            }
        case UInt8(ascii: "n"): literal("null")
        case UInt8(ascii: "t"): literal("true")
        case UInt8(ascii: "f"): literal("false")
        case UInt8(ascii: "{"):
            enterObject()
            while nextName() != nil { skip(depth: depth + 1) }
        case UInt8(ascii: "["):
            enterArray()
            while nextElement() { skip(depth: depth + 1) }
        default: skipNumber()
        }
    }

    private mutating func skipNumber() {
        var end = position
        while end < bytes.count, bytes[end] &- 0x30 < 10 { end += 1 }
        let isPlain = end == position + 1 || end > position && bytes[position] != UInt8(ascii: "0")
        if isPlain, end < bytes.count, bytes[end] == UInt8(ascii: ",") {
            position = end
            return
        }
        var parser = JSONParser(bytes, from: position)
        guard (try? parser.skipNumber()) != nil else { return giveUp() }
        position = parser.position
    }

    /// The string that stands here, by the parser: it has escapes or is not ASCII.
    private mutating func parsedString() -> String? {
        var parser = JSONParser(bytes, from: position)
        guard let text = try? parser.string() else {
            giveUp()
            return nil
        }
        position = parser.position
        return text
    }

    private mutating func literal(_ word: StaticString) {
        let length = word.utf8CodeUnitCount
        guard position + length <= bytes.count else { return giveUp() }
        for index in 0..<length where bytes[position + index] != word.utf8Start[index] { return giveUp() }
        position += length
    }
}

// MARK: Bytes

extension JSONSkimmer {
    @inline(__always)
    private mutating func skipSpace() {
        while position < bytes.count {
            let byte = bytes[position]
            // One comparison for what nearly always stands here.
            if byte > 0x20 { return }
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position += 1
        }
    }

    @inline(__always)
    @discardableResult
    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else {
            giveUp()
            return false
        }
        position += 1
        return true
    }
}
