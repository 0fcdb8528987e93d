public import ParleyCore

/// Spreads requests evenly over time, so that a provider's limits per minute are used almost whole and never broken.
///
/// Paced, not saved up: each reservation moves the moment of the next one by its share of a minute (the "generic cell
/// rate algorithm"). ``share`` of the limit is used; whoever comes late may catch up at most ``slack``. In any 60 s that
/// makes (60 + 0.5) · 0.985 = 59.6 s worth of requests: below the limit, whichever window the provider counts in.
///
/// A plain value in nanoseconds since 1970; ``state`` is what the database keeps, so that a restart or a second process
/// does not start from zero.
public struct TokenBucket: Sendable, Hashable {
    /// The part of each limit that is used.
    public static let share = 0.985
    /// How much time a late caller may catch up.
    public static let slack = LimiterState.slack

    public typealias State = LimiterState

    /// A place in time for one request.
    public struct Reservation: Sendable, Hashable {
        /// The request may be sent from then on.
        public var startsAt: Timestamp
        /// The estimated input, and the most output, that were reserved.
        public var inputTokens: Int
        public var outputTokens: Int
        public var tokens: Int { inputTokens + outputTokens }
    }

    public private(set) var limits: RateLimits
    public private(set) var state: State

    public init(limits: RateLimits, state: State = State()) {
        precondition(
            [limits.requests, limits.tokens, limits.inputTokens, limits.outputTokens]
                .allSatisfy { $0 ?? 1 > 0 }, "a limit of zero lets nothing through")
        self.limits = limits
        self.state = state
    }

    public init(requestsPerMinute: Int? = nil, tokensPerMinute: Int? = nil, state: State = State()) {
        self.init(limits: RateLimits(requests: requestsPerMinute, tokens: tokensPerMinute), state: state)
    }

    /// Takes the next free place. The caller waits until ``Reservation/startsAt`` (see ``wait(for:at:)``), then sends, then
    /// calls ``settle(_:inputTokens:outputTokens:)``, or ``free(_:)`` if nothing was sent.
    ///
    /// A request that alone is larger than a minute's tokens is let through when its turn comes, and paid for with the
    /// time after it.
    public mutating func reserve(
        inputTokens: Int, outputTokens: Int = 0, at now: Timestamp
    ) -> Reservation {
        let isPaused = state.pausedUntil.map { $0 > now } == true
        let clock = max(now, state.pausedUntil ?? now).milliseconds * 1_000_000
        let oldest = isPaused ? clock : clock - Self.slack.milliseconds * 1_000_000
        var start = clock
        func take(_ due: WritableKeyPath<State, Int64>, _ amount: Int, of limit: Int?) {
            guard let limit else { return }
            let turn = max(state[keyPath: due], oldest)
            start = max(start, turn)
            state[keyPath: due] = turn + Self.nanoseconds(for: amount, perMinute: limit)
        }
        take(\.requestsDueAt, 1, of: limits.requests)
        take(\.tokensDueAt, inputTokens + outputTokens, of: limits.tokens)
        take(\.inputTokensDueAt, inputTokens, of: limits.inputTokens)
        take(\.outputTokensDueAt, outputTokens, of: limits.outputTokens)
        return Reservation(
            startsAt: Timestamp(milliseconds: (start + 999_999) / 1_000_000),
            inputTokens: inputTokens, outputTokens: outputTokens)
    }

    public mutating func reserve(tokens: Int, at now: Timestamp) -> Reservation {
        reserve(inputTokens: tokens, at: now)
    }

    /// How long to wait before a reservation may be used: ask again after waiting, since a pause may have come between.
    public func wait(for reservation: Reservation, at now: Timestamp) -> Duration {
        let start = max(reservation.startsAt, state.pausedUntil ?? reservation.startsAt)
        return max(.zero, start.since(now))
    }

    /// How long somebody who came now would have to wait.
    public func expectedWait(at now: Timestamp) -> Duration {
        var copy = self
        return copy.wait(for: copy.reserve(inputTokens: 0, at: now), at: now)
    }

    /// The real figures are known: the difference to the reserved ones is given back, or taken.
    public mutating func settle(_ reservation: Reservation, inputTokens: Int, outputTokens: Int) {
        add(
            requests: 0, input: inputTokens - reservation.inputTokens,
            output: outputTokens - reservation.outputTokens)
    }

    public mutating func settle(_ reservation: Reservation, _ usage: Usage) {
        settle(reservation, inputTokens: usage.total - usage.output, outputTokens: usage.output)
    }

    public mutating func settle(_ reservation: Reservation, tokens: Int) {
        settle(reservation, inputTokens: tokens, outputTokens: 0)
    }

    /// Nothing was sent, or the provider refused it before counting: the place is given back.
    public mutating func free(_ reservation: Reservation) {
        add(requests: -1, input: -reservation.inputTokens, output: -reservation.outputTokens)
    }

    private mutating func add(requests: Int, input: Int, output: Int) {
        state.requestsDueAt += Self.nanoseconds(for: requests, perMinute: limits.requests)
        state.tokensDueAt += Self.nanoseconds(for: input + output, perMinute: limits.tokens)
        state.inputTokensDueAt += Self.nanoseconds(for: input, perMinute: limits.inputTokens)
        state.outputTokensDueAt += Self.nanoseconds(for: output, perMinute: limits.outputTokens)
    }

    /// Nobody sends before that moment; an earlier pause is never shortened.
    public mutating func pause(until moment: Timestamp) {
        state.pausedUntil = max(moment, state.pausedUntil ?? moment)
    }

    /// Takes over limits that were learnt or set anew; what is already due stays.
    public mutating func setLimits(_ limits: RateLimits) {
        self = TokenBucket(limits: limits, state: state)
    }

    /// Takes over what others have brought; see ``LimitBook``.
    mutating func setState(_ state: State) { self.state = state }

    /// Keeps what the provider says of its limits.
    mutating func hear(_ told: RateLimits) { state.told = told.filled(from: state.told) }

    private static func nanoseconds(for amount: Int, perMinute: Int?) -> Int64 {
        guard let perMinute, amount != 0 else { return 0 }
        return Int64((Double(amount) * 60e9 / (Double(perMinute) * share)).rounded())
    }
}
