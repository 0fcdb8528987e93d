extension LooseJSONParser {
    /// Reads a string that starts with the quote at ``position``. One that breaks off gives what it holds so far.
    ///
    /// A single-quoted string ends at a line break: an apostrophe in prose must not swallow a page.
    mutating func string() -> String? {
        let quote = bytes[position]
        position += 1
        var text = ""
        var run = position
        while let byte = next {
            if byte == quote {
                text += utf8(run..<position)
                position += 1
                keptEnd = position
                return text
            }
            if byte == UInt8(ascii: "\\") {
                text += utf8(run..<position)
                guard let piece = escape() else {
                    ranOut = true
                    return broken(text)
                }
                text += piece
                run = position
            } else if byte == 0x0A, quote == UInt8(ascii: "'") {
                isCut = true
                return nil
            } else {
                position += 1
            }
        }
        text += utf8(run..<position)
        ranOut = true
        return broken(text)
    }

    private mutating func broken(_ text: String) -> String? {
        isCut = true
        keptEnd = position
        return closesEnd ? text : nil
    }

    private func utf8(_ range: Range<Int>) -> String {
        range.isEmpty ? "" : String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }

    /// What an escape stands for; nil when the text ends within it, and then the position is at its backslash.
    private mutating func escape() -> String? {
        let start = position
        position += 1
        guard let letter = next else {
            position = start
            return nil
        }
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            return String(UnicodeScalar(letter))
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case 0x0A where grammar == .literal: return ""
        case UInt8(ascii: "x") where grammar == .literal: return codePoint(digits: 2, from: start)
        case UInt8(ascii: "U") where grammar == .literal: return codePoint(digits: 8, from: start)
        case UInt8(ascii: "u"): return codeUnits(from: start)
        default:
            // No such escape: a pattern such as `\d` whose backslash should have been doubled.
            position = start + 1
            return "\\"
        }
    }

    private mutating func codePoint(digits: Int, from start: Int) -> String? {
        switch hexadecimal(digits, from: start) {
        case .value(let value): return UnicodeScalar(value).map { String($0) } ?? "\u{FFFD}"
        case .noHexadecimal: return "\\"
        case .textEnds: return nil
        }
    }

    /// A `\u` escape, with the second half of its pair if it needs one.
    private mutating func codeUnits(from start: Int) -> String? {
        switch hexadecimal(4, from: start) {
        case .textEnds: return nil
        case .noHexadecimal: return "\\"
        case .value(let first):
            guard (0xD800..<0xDC00).contains(first) else {
                return UnicodeScalar(first).map { String($0) } ?? "\u{FFFD}"
            }
            let second = position
            if position >= bytes.count {
                position = start
                return nil
            }
            guard take(UInt8(ascii: "\\")) else { return "\u{FFFD}" }
            if position >= bytes.count {
                position = start
                return nil
            }
            guard take(UInt8(ascii: "u")) else {
                position = second
                return "\u{FFFD}"
            }
            switch hexadecimal(4, from: second) {
            case .textEnds:
                position = start
                return nil
            case .value(let unit) where (0xDC00..<0xE000).contains(unit):
                let scalar = UnicodeScalar(0x10000 + (first - 0xD800) << 10 + (unit - 0xDC00))
                return scalar.map { String($0) } ?? "\u{FFFD}"
            default:
                position = second
                return "\u{FFFD}"
            }
        }
    }

    private enum Hexadecimal {
        case value(UInt32)
        case noHexadecimal
        case textEnds
    }

    /// Reads that many digits. Where they are none, the position is set behind the backslash at `start`; where the text ends,
    /// at the backslash.
    private mutating func hexadecimal(_ digits: Int, from start: Int) -> Hexadecimal {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let byte = next else {
                position = start
                return .textEnds
            }
            guard let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
                position = start + 1
                return .noHexadecimal
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return .value(value)
    }
}

extension LooseJSONParser {
    /// Reads a number; the literal that is kept is one that JSON allows.
    mutating func number() -> JSON? {
        var literal = ""
        if take(UInt8(ascii: "-")) {
            literal = "-"
            if grammar == .literal, startsWord("Infinity") { return word() }
        } else if take(UInt8(ascii: "+")), grammar == .literal, startsWord("Infinity") {
            return word()
        }
        let whole = next == UInt8(ascii: "0") ? zero() : digits()
        if whole.isEmpty, grammar == .json || next != UInt8(ascii: ".") { return cut() }
        literal += whole.isEmpty ? "0" : whole
        var end = position
        var isBroken = false
        if take(UInt8(ascii: ".")) {
            let fraction = digits()
            if !fraction.isEmpty {
                literal += "." + fraction
                end = position
            } else if grammar == .literal, !whole.isEmpty, position < bytes.count {
                literal += ".0"
                end = position
            } else {
                isBroken = true
            }
        }
        if !isBroken, next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            position += 1
            let sign = take(UInt8(ascii: "-")) ? "-" : take(UInt8(ascii: "+")) ? "+" : ""
            let exponent = digits()
            if exponent.isEmpty {
                isBroken = true
            } else {
                literal += "e" + sign + exponent
                end = position
            }
        }
        if isBroken {
            isCut = true
            ranOut = position >= bytes.count
            keptEnd = end
            return closesEnd ? .number(literal) : nil
        }
        keptEnd = end
        return .number(literal)
    }

    private mutating func zero() -> String {
        position += 1
        return "0"
    }

    private mutating func digits() -> String {
        let start = position
        while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
        return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
    }

    /// Reads a word that is a value.
    mutating func word() -> JSON? {
        let start = position
        let words = grammar == .json ? Self.jsonWords : Self.literalWords
        while let byte = next, Self.isWordByte(byte), position - start <= Self.wordBytesMax { position += 1 }
        let word = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
        if let value = words.first(where: { $0.0 == word })?.1 {
            keptEnd = position
            return value
        }
        isCut = true
        if position >= bytes.count, words.contains(where: { $0.0.hasPrefix(word) }) { ranOut = true }
        position = start
        return nil
    }

    private static let jsonWords: [(String, JSON)] = [
        ("true", .bool(true)), ("false", .bool(false)), ("null", .null),
    ]
    private static let literalWords: [(String, JSON)] = [
        ("true", .bool(true)), ("false", .bool(false)), ("null", .null), ("True", .bool(true)),
        ("False", .bool(false)), ("None", .null), ("NaN", .null), ("nan", .null), ("Infinity", .null),
        ("undefined", .null),
    ]
    private static let wordBytesMax = 16

    private func startsWord(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        return position + length <= bytes.count
            && (0..<length).allSatisfy { bytes[position + $0] == word.utf8Start[$0] }
    }

    /// Reads a name without quotes, such as `city` in `{city: 'Paris'}`; nil when none stands here.
    public mutating func bareName() -> String? {
        let start = position
        guard let first = next, Self.isWordByte(first), !(0x30...0x39).contains(first) else { return nil }
        while let byte = next, Self.isWordByte(byte) { position += 1 }
        return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
    }

    /// Letters, digits, `_` and `$`, and whatever is not ASCII.
    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x30...0x39,
            UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
            true
        default: false
        }
    }
}
