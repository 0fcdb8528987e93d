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
    public static let slack: Duration = .milliseconds(500)

    public struct State: Sendable, Hashable {
        /// Nanoseconds since 1970 at which the next request is due, if everybody keeps to the pace.
        public var requestsDueAt: Int64 = 0
        /// The same for tokens.
        public var tokensDueAt: Int64 = 0
        /// The provider has asked for silence until then.
        public var pausedUntil: Timestamp?

        public init() {}
    }

    /// A place in time for one request.
    public struct Reservation: Sendable, Hashable {
        /// The request may be sent from then on.
        public var startsAt: Timestamp
        /// The tokens that were reserved: estimated input and the most output.
        public var tokens: Int
    }

    /// Nil = no limit.
    public private(set) var requestsPerMinute: Int?
    public private(set) var tokensPerMinute: Int?
    public private(set) var state: State

    public init(requestsPerMinute: Int? = nil, tokensPerMinute: Int? = nil, state: State = State()) {
        precondition(
            requestsPerMinute ?? 1 > 0 && tokensPerMinute ?? 1 > 0, "a limit of zero lets nothing through")
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerMinute = tokensPerMinute
        self.state = state
    }

    /// Takes the next free place. The caller waits until ``Reservation/startsAt`` (see ``wait(for:at:)``), then sends, then
    /// calls ``settle(_:tokens:)``, or ``free(_:)`` if nothing was sent.
    ///
    /// A request that alone is larger than a minute's tokens is let through when its turn comes, and paid for with the
    /// time after it.
    public mutating func reserve(tokens: Int, at now: Timestamp) -> Reservation {
        let earliest = max(now, state.pausedUntil ?? now)
        let clock = earliest.milliseconds * 1_000_000
        let oldest = (state.pausedUntil.map { $0 > now } == true) ? clock : clock - Self.slackNanoseconds
        let requestsDue = requestsPerMinute == nil ? clock : max(state.requestsDueAt, oldest)
        let tokensDue = tokensPerMinute == nil ? clock : max(state.tokensDueAt, oldest)
        let start = max(clock, requestsDue, tokensDue)
        state.requestsDueAt = requestsDue + Self.nanoseconds(for: 1, perMinute: requestsPerMinute)
        state.tokensDueAt = tokensDue + Self.nanoseconds(for: tokens, perMinute: tokensPerMinute)
        return Reservation(
            startsAt: Timestamp(milliseconds: (start + 999_999) / 1_000_000), tokens: tokens)
    }

    /// How long to wait before a reservation may be used: ask again after waiting, since a pause may have come between.
    public func wait(for reservation: Reservation, at now: Timestamp) -> Duration {
        let start = max(reservation.startsAt, state.pausedUntil ?? reservation.startsAt)
        return max(.zero, start.since(now))
    }

    /// The real figure is known: the difference to the reserved one is given back, or taken.
    public mutating func settle(_ reservation: Reservation, tokens: Int) {
        state.tokensDueAt += Self.nanoseconds(for: tokens - reservation.tokens, perMinute: tokensPerMinute)
    }

    /// Nothing was sent, or the provider refused it before counting: the place is given back.
    public mutating func free(_ reservation: Reservation) {
        state.requestsDueAt -= Self.nanoseconds(for: 1, perMinute: requestsPerMinute)
        state.tokensDueAt -= Self.nanoseconds(for: reservation.tokens, perMinute: tokensPerMinute)
    }

    /// Nobody sends before that moment; an earlier pause is never shortened.
    public mutating func pause(until moment: Timestamp) {
        state.pausedUntil = max(moment, state.pausedUntil ?? moment)
    }

    /// Takes over limits that were learnt or set anew; what is already due stays.
    public mutating func setLimits(requestsPerMinute: Int?, tokensPerMinute: Int?) {
        self = TokenBucket(
            requestsPerMinute: requestsPerMinute, tokensPerMinute: tokensPerMinute, state: state)
    }

    private static var slackNanoseconds: Int64 { slack.milliseconds * 1_000_000 }

    private static func nanoseconds(for amount: Int, perMinute: Int?) -> Int64 {
        guard let perMinute else { return 0 }
        return Int64((Double(amount) * 60e9 / (Double(perMinute) * share)).rounded())
    }
}
