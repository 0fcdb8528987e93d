extension PatternTranslation {
    /// What an escape stands for, wherever it stands.
    enum Escape {
        case character(Unicode.Scalar)
        /// The inside of a class in ICU's spelling, and whether what is meant is everything else.
        case set(String, isInverted: Bool)
    }

    private static let digits = "0-9"
    private static let wordCharacters = "A-Za-z0-9_"
    private static let whiteSpace =
        #"\x{9}-\x{d}\x{20}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}"#

    /// An escape outside of a class, its backslash already taken.
    mutating func translateEscape() throws(Fault) {
        let word = "[\(Self.wordCharacters)]"
        switch peek() {
        case "b":
            position += 1
            result += "(?:(?<=\(word))(?!\(word))|(?<!\(word))(?=\(word)))"
        case "B":
            position += 1
            result += "(?:(?<=\(word))(?=\(word))|(?<!\(word))(?!\(word)))"
        case "k":
            position += 1
            guard take("<"), let name = takeName(), let number = groupNames.firstIndex(of: name) else {
                throw Fault(reason: "refers to a group that it does not have")
            }
            result += "\\k<g\(number)>"
        case let digit? where ("1"..."9").contains(digit):
            var number = ""
            while let digit = peek(), ("0"..."9").contains(digit) {
                number.unicodeScalars.append(digit)
                position += 1
            }
            result += "(?:\\\(number))"
        default:
            switch try takeEscape() {
            case .character(let scalar): literal(scalar)
            case .set(let inside, let isInverted): result += "[\(isInverted ? "^" : "")\(inside)]"
            }
        }
    }

    /// The rest of an escape that may stand anywhere.
    mutating func takeEscape() throws(Fault) -> Escape {
        guard let letter = take() else { throw Fault(reason: "ends in a backslash") }
        switch letter {
        case "d": return .set(Self.digits, isInverted: false)
        case "D": return .set(Self.digits, isInverted: true)
        case "w": return .set(Self.wordCharacters, isInverted: false)
        case "W": return .set(Self.wordCharacters, isInverted: true)
        case "s": return .set(Self.whiteSpace, isInverted: false)
        case "S": return .set(Self.whiteSpace, isInverted: true)
        case "p", "P": return .set(try takeProperty(), isInverted: letter == "P")
        case "t": return .character("\t")
        case "n": return .character("\n")
        case "v": return .character("\u{B}")
        case "f": return .character("\u{C}")
        case "r": return .character("\r")
        case "0": return .character("\0")
        case "c":
            guard let control = take(), control.isASCII, control.properties.isAlphabetic else {
                throw Fault(reason: #"has a \c without a letter"#)
            }
            return .character(Unicode.Scalar(UInt8(control.value % 32)))
        case "x": return .character(try scalar(try takeHex(2)))
        case "u": return .character(try takeUnicode())
        default:
            let isOther = letter.isASCII && !letter.properties.isAlphabetic && !("0"..."9").contains(letter)
            guard isOther else {
                throw Fault(reason: "has the escape \\\(letter), which ECMA-262 does not have")
            }
            return .character(letter)
        }
    }

    /// `{Letter}` or `{Script=Greek}` in ICU's spelling.
    private mutating func takeProperty() throws(Fault) -> String {
        var name = ""
        guard take("{") else { throw Fault(reason: #"has a \p without braces"#) }
        while let next = take(), next != "}" { name.unicodeScalars.append(next) }
        let isName = name.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "_" || $0 == "=")
        }
        guard isName, !name.isEmpty else { throw Fault(reason: #"has a \p without the name of a property"#) }
        return "\\p{\(name)}"
    }

    /// Behind `\u`: four digits, a pair of surrogates, or a number in braces.
    private mutating func takeUnicode() throws(Fault) -> Unicode.Scalar {
        if take("{") {
            var digits = ""
            while let next = take(), next != "}" { digits.unicodeScalars.append(next) }
            guard let number = UInt32(digits, radix: 16) else {
                throw Fault(reason: #"has a \u{} without a number"#)
            }
            return try scalar(number)
        }
        let first = try takeHex(4)
        guard (0xD800..<0xDC00).contains(first), take("\\u") else { return try scalar(first) }
        let second = try takeHex(4)
        guard (0xDC00..<0xE000).contains(second) else { return try scalar(second) }
        return try scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private mutating func takeHex(_ count: Int) throws(Fault) -> UInt32 {
        var number: UInt32 = 0
        for _ in 0..<count {
            guard let digit = take().flatMap({ Character($0).hexDigitValue }) else {
                throw Fault(reason: "has an escape with too few hexadecimal digits")
            }
            number = number << 4 + UInt32(digit)
        }
        return number
    }

    private func scalar(_ number: UInt32) throws(Fault) -> Unicode.Scalar {
        guard let scalar = Unicode.Scalar(number) else {
            throw Fault(reason: "has half of a surrogate pair")
        }
        return scalar
    }
}
