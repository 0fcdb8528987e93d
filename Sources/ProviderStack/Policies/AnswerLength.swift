import ParleyCore

/// How long a model's answers are, in tokens, the latest counting most.
///
/// What a request may have at most is often many times what it takes. If its place in a limit of tokens were as wide as that, ten
/// requests in the air would fill a minute in which a hundred have room. So once some answers are known, a place is as wide
/// as they were, and settled to the real figure.
struct AnswerLength: Sendable, Hashable {
    /// Before so many answers the most is taken.
    static let answersMin = 8
    private static let weight = 0.1

    private var mean = 0.0
    private var count = 0

    mutating func learn(_ tokens: Int) {
        guard tokens > 0 else { return }
        count += 1
        mean += (Double(tokens) - mean) * max(Self.weight, 1 / Double(count))
    }

    /// - Parameter max: the most that the request may have; nil where it names no limit.
    func expected(max: Int?) -> Int {
        let expected = Int(mean.rounded(.up))
        guard let max else { return expected }
        return count < Self.answersMin ? max : min(expected, max)
    }
}
