import ParleyCore
import ProviderStack

// What the governor knows, for whoever shows it.
extension Governor {
    /// Adds to what a run has counted what is known of the model's limits.
    func complete(_ gauge: inout LimitGauge, at now: Timestamp) {
        let known = withBook(gauge.model) { book, name in
            let bucket = book.withLimiter(name) { $0 }
            let rests = book.withBreaker(name.account) { $0.opensAgain(after: now) }
            return (bucket, book.concurrencyMax(of: name), rests)
        }
        let limits = known.0.limits
        let learnt = known.0.state.learnt.map { Int($0.perMinute.rounded()) }
        gauge.requests.limit = limits.requests ?? learnt
        gauge.requests.isLearnt = limits.requests == nil && learnt != nil
        gauge.tokens.limit = limits.tokens
        gauge.inputTokens.limit = limits.inputTokens
        gauge.outputTokens.limit = limits.outputTokens
        gauge.concurrencyMax = known.1
        gauge.pausedFor = Self.left(until: known.0.state.pausedUntil, at: now)
        gauge.restsFor = Self.left(until: known.2, at: now)
    }

    private static func left(until moment: Timestamp?, at now: Timestamp) -> Duration? {
        moment.flatMap { $0 > now ? $0.since(now) : nil }
    }

    /// What requests are held up by, as its words say, with the time that is left of it.
    func wait(for words: String, among gauges: [LimitGauge]) -> RunWait {
        func longest(_ left: KeyPath<LimitGauge, Duration?>) -> (ProviderName, Duration)? {
            // The reason begins with the provider that it is about.
            gauges.filter { words.hasPrefix("\($0.model.provider),") }
                .compactMap { gauge in gauge[keyPath: left].map { (gauge.model.provider, $0) } }
                .max { $0.1 < $1.1 }
        }
        if let (provider, left) = longest(\.pausedFor) { return RunWait(.pause(provider), left: left) }
        if let (provider, left) = longest(\.restsFor) { return RunWait(.rest(provider), left: left) }
        return RunWait(.limits(words))
    }
}
