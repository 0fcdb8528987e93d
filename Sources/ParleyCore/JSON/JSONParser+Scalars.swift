extension JSONParser {
    /// Reads a number and gives its literal.
    mutating func number() throws(JSONSyntaxError) -> String {
        let start = position
        try skipNumber()
        return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
    }

    /// Moves past a number.
    mutating func skipNumber() throws(JSONSyntaxError) {
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) {
            guard digits() else { throw error("a digit is missing in a number") }
        }
        if take(UInt8(ascii: ".")) {
            guard digits() else { throw error("a digit is missing after a decimal point") }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            _ = take(UInt8(ascii: "+")) || take(UInt8(ascii: "-"))
            guard digits() else { throw error("a digit is missing in an exponent") }
        }
    }

    private mutating func digits() -> Bool {
        let start = position
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
        return position > start
    }

    /// Reads a string. The bytes between escapes are taken over whole and checked to be UTF-8.
    mutating func string() throws(JSONSyntaxError) -> String {
        position += 1
        let start = position
        var text = ""
        while true {
            let run = bytes.stringRun(from: position)
            guard run.end < bytes.count else { break }
            let piece = try utf8(position..<run.end, isASCII: run.isASCII)
            position = run.end
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return text.isEmpty ? piece : text + piece
            case UInt8(ascii: "\\"):
                text += piece
                text.unicodeScalars.append(try escape())
            default:
                throw error("a control character stands unescaped in a string")
            }
        }
        throw error("the text ends inside a string", at: start - 1)
    }

    /// Most strings are ASCII, which needs no check; the checking initializer costs about 100 ns more.
    private func utf8(_ range: Range<Int>, isASCII: Bool) throws(JSONSyntaxError) -> String {
        if isASCII { return String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self) }
        guard let text = String(validating: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self) else {
            throw error("a string is not valid UTF-8", at: range.lowerBound)
        }
        return text
    }

    private mutating func escape() throws(JSONSyntaxError) -> UnicodeScalar {
        position += 1
        guard position < bytes.count else { throw error("the text ends inside a string") }
        let letter = bytes[position]
        position += 1
        switch letter {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw error("there is no escape with that letter", at: position - 2)
        }
    }

    private mutating func unicodeEscape() throws(JSONSyntaxError) -> UnicodeScalar {
        let start = position - 2
        let first = try hexUnit()
        guard (0xD800...0xDFFF).contains(first) else { return UnicodeScalar(first)! }
        guard first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw error("half of a surrogate pair is missing", at: start)
        }
        let second = try hexUnit()
        guard (0xDC00...0xDFFF).contains(second) else {
            throw error("half of a surrogate pair is missing", at: start)
        }
        return UnicodeScalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))!
    }

    private mutating func hexUnit() throws(JSONSyntaxError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw error("the text ends inside a string") }
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(UnicodeScalar(bytes[position])).hexDigitValue else {
                throw error("a \\u escape needs four hexadecimal digits")
            }
            unit = unit << 4 + UInt32(digit)
            position += 1
        }
        return unit
    }
}
