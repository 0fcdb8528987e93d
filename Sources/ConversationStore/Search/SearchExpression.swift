/// What is looked for, as a person writes it: `tokyo "city hall" OR kyoto -station temp*`.
///
/// Plain words must all occur, a quoted phrase word for word. `OR` between words divides them into alternatives, of which
/// one must hold; it binds less than the words beside it. `-word` or `NOT word` must not occur. A `*` at the end of a word or
/// phrase stands for any ending. Case and accents do not count, and any other sign only separates words.
///
/// It is read here and never handed through, so nothing that is written can be a syntax error of the index.
public struct SearchExpression: Sendable, Hashable {
    /// A query has no more words and phrases than this.
    public static let termsMax = 64
    /// Letters that must stand before a `*`: fewer would mean nearly everything. One is enough outside of ASCII, where it
    /// may be a word.
    public static let prefixLettersMin = 2

    /// A word or a phrase.
    struct Term: Sendable, Hashable {
        var text: String
        var isPrefix = false

        /// As the index reads it.
        var match: String {
            "\"\(text.replacing("\"", with: "\"\""))\"" + (isPrefix ? " *" : "")
        }
    }

    struct Alternative: Sendable, Hashable {
        var wanted: [Term] = []
        var unwanted: [Term] = []

        var match: String {
            let all = wanted.map(\.match).joined(separator: " AND ")
            guard !unwanted.isEmpty else { return "(\(all))" }
            return "((\(all)) NOT (\(unwanted.map(\.match).joined(separator: " OR "))))"
        }
    }

    let alternatives: [Alternative]

    /// As the index reads it.
    var match: String { alternatives.map(\.match).joined(separator: " OR ") }

    /// Reads what a person wrote.
    public init(_ text: String) throws(SearchExpressionError) {
        var alternatives: [Alternative] = []
        var current = Alternative()
        var excludesNext = false
        var count = 0
        for word in SearchWords.split(text) {
            switch word {
            case .or:
                alternatives.append(current)
                current = Alternative()
                excludesNext = false
            case .not: excludesNext = true
            case .term(let term, let isExcluded):
                count += 1
                guard count <= Self.termsMax else { throw .tooManyWords }
                if term.isPrefix, !term.isLongEnough { throw .prefixTooShort(term.text) }
                if isExcluded || excludesNext {
                    current.unwanted.append(term)
                } else {
                    current.wanted.append(term)
                }
                excludesNext = false
            }
        }
        alternatives = (alternatives + [current]).filter { !$0.wanted.isEmpty || !$0.unwanted.isEmpty }
        guard !alternatives.isEmpty else { throw .noWords }
        guard alternatives.allSatisfy({ !$0.wanted.isEmpty }) else { throw .onlyExclusions }
        self.alternatives = alternatives
    }
}

/// Why something cannot be looked for.
public enum SearchExpressionError: Error, Sendable, Hashable, CustomStringConvertible {
    case noWords
    case onlyExclusions
    case tooManyWords
    case prefixTooShort(String)

    public var description: String {
        switch self {
        case .noWords: "There is no word in the query; write at least one letter or digit to look for."
        case .onlyExclusions:
            "The query says only what must not occur; write a word that must, such as `tokyo -station`."
        case .tooManyWords:
            "The query has more than \(SearchExpression.termsMax) words; leave some out, or put them into a phrase."
        case .prefixTooShort(let text):
            "'\(text)*' would be nearly every word; write at least \(SearchExpression.prefixLettersMin) letters before the *."
        }
    }
}
