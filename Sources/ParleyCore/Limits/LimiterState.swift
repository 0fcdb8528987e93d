/// The most that may be sent in a minute; nil where there is no limit.
public struct RateLimits: Sendable, Hashable {
    public var requests: Int?
    /// Input and output together.
    public var tokens: Int?
    /// Apart, where the provider counts them apart.
    public var inputTokens: Int?
    public var outputTokens: Int?

    public init(
        requests: Int? = nil, tokens: Int? = nil, inputTokens: Int? = nil, outputTokens: Int? = nil
    ) {
        self.requests = requests
        self.tokens = tokens
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
    }

    /// These where they are set, else the others.
    public func filled(from others: RateLimits) -> RateLimits {
        RateLimits(
            requests: requests ?? others.requests, tokens: tokens ?? others.tokens,
            inputTokens: inputTokens ?? others.inputTokens, outputTokens: outputTokens ?? others.outputTokens)
    }
}

/// How much of a rate limit is taken: what the database keeps, so that a restart or a second process does not begin
/// from zero.
public struct LimiterState: Sendable, Hashable {
    /// How much time of tokens a late caller may catch up; what was due earlier than that is forgotten.
    public static let slack: Duration = .milliseconds(500)

    /// Nanoseconds since 1970 at which the next request is due, if everybody keeps to the pace.
    public var requestsDueAt: Int64 = 0
    /// The same for tokens, input and output together.
    public var tokensDueAt: Int64 = 0
    public var inputTokensDueAt: Int64 = 0
    public var outputTokensDueAt: Int64 = 0
    /// The provider has asked for silence until then.
    public var pausedUntil: Timestamp?
    /// What the provider says of its limits.
    public var told = RateLimits()
    /// What has been found out where the provider tells nothing.
    public var learnt: LearntPace?

    public init() {}

    /// What holds when a process has come from `base` to this state while others have brought what is stored from `base`
    /// to `stored`: the time that both have taken adds up, and the longer pause holds.
    public func merged(
        with stored: LimiterState, since base: LimiterState, at now: Timestamp
    ) -> LimiterState {
        guard stored != base else { return self }
        let oldest = (now - Self.slack).milliseconds * 1_000_000
        func sum(_ due: KeyPath<LimiterState, Int64>) -> Int64 {
            let others = max(stored[keyPath: due], oldest) - max(base[keyPath: due], oldest)
            return others == 0 ? self[keyPath: due] : max(self[keyPath: due], oldest) + others
        }
        var merged = self
        merged.requestsDueAt = sum(\.requestsDueAt)
        merged.tokensDueAt = sum(\.tokensDueAt)
        merged.inputTokensDueAt = sum(\.inputTokensDueAt)
        merged.outputTokensDueAt = sum(\.outputTokensDueAt)
        if let pause = stored.pausedUntil { merged.pausedUntil = max(pause, pausedUntil ?? pause) }
        if told == base.told { merged.told = stored.told }
        merged.learnt = .newer(learnt, stored.learnt)
        return merged
    }
}
