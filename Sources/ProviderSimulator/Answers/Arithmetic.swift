/// Finds a sum in a question and works it out.
enum Arithmetic {
    /// `42` for "What is 17 + 25?"; nil where nothing is to be worked out.
    static func result(of question: String) -> String? {
        var text = question.lowercased()
        for (words, sign) in spokenSigns { text = text.replacing(words, with: sign) }
        for expression in expressions(in: text) {
            var parser = Parser(expression)
            if let value = parser.sum(), parser.isAtEnd, parser.operations > 0, value.isFinite {
                return written(value)
            }
        }
        return nil
    }

    private static let spokenSigns = [
        (" plus ", " + "), (" minus ", " - "), (" times ", " * "), (" multiplied by ", " * "),
        (" divided by ", " / "), ("×", "*"), ("·", "*"), ("÷", "/"), ("−", "-"),
    ]

    /// The runs of digits, signs and brackets, the longest first.
    private static func expressions(in text: String) -> [Substring] {
        text.split { !($0.isASCII && ($0.isNumber || "+-*/(). ".contains($0))) }
            .map { run in
                var run = run.drop { $0 == " " || $0 == "." }
                while let last = run.last, !last.isNumber, last != ")" { run.removeLast() }
                return run
            }
            .filter { !$0.isEmpty }
            .sorted { $0.count > $1.count }
    }

    private static func written(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return String(whole) }
        let rounded = (value * 1_000_000).rounded() / 1_000_000
        return String(rounded)
    }

    /// Sums of products of numbers and brackets.
    private struct Parser {
        static let depthMax = 32

        private var rest: Substring
        private var depth = 0
        private(set) var operations = 0

        init(_ text: Substring) { rest = text }

        var isAtEnd: Bool { rest.allSatisfy { $0 == " " } }

        mutating func sum() -> Double? {
            guard var value = product() else { return nil }
            while let sign = take("+-") {
                guard let next = product() else { return nil }
                operations += 1
                value = sign == "+" ? value + next : value - next
            }
            return value
        }

        private mutating func product() -> Double? {
            guard var value = factor() else { return nil }
            while let sign = take("*/") {
                guard let next = factor() else { return nil }
                operations += 1
                value = sign == "*" ? value * next : value / next
            }
            return value
        }

        private mutating func factor() -> Double? {
            depth += 1
            defer { depth -= 1 }
            guard depth < Self.depthMax else { return nil }
            if take("-") != nil { return factor().map { -$0 } }
            if take("(") != nil {
                guard let value = sum(), take(")") != nil else { return nil }
                return value
            }
            rest = rest.drop { $0 == " " }
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest[digits.endIndex...]
            return Double(digits)
        }

        private mutating func take(_ signs: String) -> Character? {
            rest = rest.drop { $0 == " " }
            guard let first = rest.first, signs.contains(first) else { return nil }
            rest.removeFirst()
            return first
        }
    }
}
