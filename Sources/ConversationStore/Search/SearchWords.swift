/// Splits a query into its words.
enum SearchWords {
    enum Word: Equatable {
        case or
        case not
        case term(SearchExpression.Term, isExcluded: Bool)
    }

    /// Words of signs alone are left out, and so is an `AND`: everything must occur anyway. A phrase that is not closed goes
    /// to the end.
    static func split(_ text: String) -> [Word] {
        var words: [Word] = []
        var rest = text[...]
        while true {
            rest = rest.drop { $0.isWhitespace }
            guard let first = rest.first else { return words }
            let isExcluded = first == "-"
            if isExcluded { rest = rest.drop { $0 == "-" } }
            if rest.first == "\"" {
                rest.removeFirst()
                let phrase = rest.prefix { $0 != "\"" }
                rest = rest[phrase.endIndex...].dropFirst()
                let isPrefix = rest.first == "*"
                add(phrase, isPrefix: isPrefix, isExcluded: isExcluded, to: &words)
            } else {
                let word = rest.prefix { !$0.isWhitespace && $0 != "\"" }
                rest = rest[word.endIndex...]
                switch word {
                case "OR" where !isExcluded: words.append(.or)
                case "NOT" where !isExcluded: words.append(.not)
                case "AND" where !isExcluded: break
                default: add(word, isPrefix: word.last == "*", isExcluded: isExcluded, to: &words)
                }
            }
        }
    }

    private static func add(
        _ text: Substring, isPrefix: Bool, isExcluded: Bool, to words: inout [Word]
    ) {
        let scalars = text.unicodeScalars.map {
            SearchExpression.Term.isLetter($0) || $0.properties.isMark ? $0 : " "
        }
        var cleaned = String.UnicodeScalarView()
        cleaned.append(contentsOf: scalars)
        let parts = String(cleaned).split(separator: " ").filter { part in
            part.unicodeScalars.contains { SearchExpression.Term.isLetter($0) }
        }
        guard !parts.isEmpty else { return }
        let term = SearchExpression.Term(text: parts.joined(separator: " "), isPrefix: isPrefix)
        words.append(.term(term, isExcluded: isExcluded))
    }
}

extension SearchExpression.Term {
    /// Letters, digits and what the index takes for such; the rest separates words.
    static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber, .letterNumber, .otherNumber, .privateUse:
            true
        default: false
        }
    }

    /// Whether its last word says enough for a `*`.
    var isLongEnough: Bool {
        let last = text.split(separator: " ").last ?? ""
        let letters = last.unicodeScalars.filter { Self.isLetter($0) }
        return letters.count >= SearchExpression.prefixLettersMin || letters.contains { !$0.isASCII }
    }
}

extension Unicode.Scalar.Properties {
    /// An accent that stands by itself.
    fileprivate var isMark: Bool {
        generalCategory == .nonspacingMark || generalCategory == .spacingMark
    }
}
