/// The little that the simulator really knows: sums, and the capitals of countries.
///
/// A demonstration whose answers can be checked shows more than one of random words.
enum SimulatedKnowledge {
    /// The bare answer: `42`, `Paris`. Nil for what it does not know.
    static func answer(to question: String) -> String? {
        capital(askedIn: question) ?? Arithmetic.result(of: question)
    }

    private static func capital(askedIn question: String) -> String? {
        let words = question.lowercased()
        guard let place = words.firstRange(of: "capital of ")?.upperBound else { return nil }
        var country = words[place...].prefix { $0.isLetter || " '-".contains($0) }
        if country.hasPrefix("the ") { country = country.dropFirst(4) }
        // The name may be followed by more words: the longest known beginning counts.
        var names = country.split(separator: " ")
        while !names.isEmpty {
            if let city = Capitals.ofCountry[names.joined(separator: " ")] { return city }
            names.removeLast()
        }
        return nil
    }
}
