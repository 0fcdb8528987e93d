public import ParleyCore

/// The tokens of requests in the air.
struct TokensInAir: Sendable, Hashable {
    var input = 0
    /// The most that the answers may have.
    var output = 0
    /// What of it no place has been taken for, because answers have been shorter so far.
    var open = 0

    static func + (one: Self, other: Self) -> Self {
        Self(input: one.input + other.input, output: one.output + other.output, open: one.open + other.open)
    }

    static func - (one: Self, other: Self) -> Self {
        Self(input: one.input - other.input, output: one.output - other.output, open: one.open - other.open)
    }
}

// Answers that may become longer than their place.
extension LimitBook {
    /// So much of a minute's tokens may be open at once: an even chance that all of them are used is next to none, but a
    /// provider that reserves the most for each request, and gives back what was not used, has to have room for them.
    static let openShare = 0.5
    /// A provider that refuses although the limits were kept may count the most of each request: for so long the places
    /// are as wide as that.
    static let wholeAfterRefusal = Duration.seconds(60)

    /// As wide as that is the place of a request for its answer.
    ///
    /// - Parameter max: the most that the answer may have; nil where the request names no limit.
    public func outputTokens(of name: LimiterName, max: Int?, at now: Timestamp) -> Int {
        lanes[name]?.outputTokens(max: max, at: now) ?? max ?? 0
    }

    /// How many of those who stand first may be sent without too much being open; one always if nothing is in the air.
    public func fitting(_ demands: some Sequence<LimitDemand>, in name: LimiterName, at now: Timestamp) -> Int
    {
        guard let lane = lanes[name],
            let limit = [lane.bucket.limits.tokens, lane.bucket.limits.outputTokens].compactMap(\.self).min()
        else { return .max }
        var open = lane.tokens.open
        var count = 0
        for demand in demands {
            let max = demand.outputTokens ?? 0
            open += Swift.max(0, max - lane.outputTokens(max: max, at: now))
            guard Double(open) <= Double(limit) * Self.openShare || lane.inAir + count == 0 else { break }
            count += 1
        }
        return count
    }
}

extension LimitBook.Lane {
    func outputTokens(max: Int?, at now: Timestamp) -> Int {
        if let max, reservesWholeUntil.map({ now < $0 }) ?? false { return max }
        return answerLength.expected(max: max)
    }

    /// The provider says how much is left of its limits: what is in the air may take it, and one request more, before anybody
    /// is asked to wait.
    mutating func brake(_ reading: RateLimitReading, at now: Timestamp) {
        let each = max(inAir, 1)
        func need(_ tokens: Int) -> Int { tokens + tokens / each }
        bucket.brake(\.tokens, reading.tokens, need: need(tokens.input + tokens.output), at: now)
        bucket.brake(\.inputTokens, reading.inputTokens, need: need(tokens.input), at: now)
        bucket.brake(\.outputTokens, reading.outputTokens, need: need(tokens.output), at: now)
    }
}
