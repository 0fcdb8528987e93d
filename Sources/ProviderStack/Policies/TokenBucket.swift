public import ParleyCore

/// Spreads requests evenly over time, so that a provider's limits per minute are used almost whole and never broken.
///
/// Paced, not saved up: each reservation moves the moment of the next one by its share of a minute (the "generic cell
/// rate algorithm"). ``share`` of the limit is used. Whoever comes late may catch up a little: tokens ``slack``, requests half
/// of their distance and no more than ``requestSlackMax``, so that a server which lets one request in a row come too soon
/// (nginx's `burst=1`) is content. In any 60 s no more than the limit is sent, whichever window the provider counts in:
/// 60 s and the slack, times the share, are less than 60 s for tokens; and a limit's worth of requests takes 60.4 s.
///
/// Where the provider tells no limit of requests, what has been learnt holds (``AdaptivePace``), whole.
///
/// A plain value in nanoseconds since 1970; ``state`` is what the database keeps, so that a restart or a second process
/// does not start from zero.
public struct TokenBucket: Sendable, Hashable {
    /// The part of each limit of tokens that is used.
    public static let share = 0.985
    /// The part of a limit of requests that is used.
    public static let requestShare = 0.993
    /// How much time of tokens a late caller may catch up.
    public static let slack = LimiterState.slack
    public static let requestSlackMax = Duration.milliseconds(200)

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
        var start = clock
        func take(_ due: WritableKeyPath<State, Int64>, _ amount: Int, _ each: Double?, slack: Int64) {
            guard let each else { return }
            let turn = max(state[keyPath: due], isPaused ? clock : clock - slack)
            start = max(start, turn)
            state[keyPath: due] = turn + Int64((Double(amount) * each).rounded())
        }
        let late = Self.slack.milliseconds * 1_000_000
        take(\.requestsDueAt, 1, requestDistance, slack: requestSlack)
        take(\.tokensDueAt, inputTokens + outputTokens, Self.distance(limits.tokens), slack: late)
        take(\.inputTokensDueAt, inputTokens, Self.distance(limits.inputTokens), slack: late)
        take(\.outputTokensDueAt, outputTokens, Self.distance(limits.outputTokens), slack: late)
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
        func add(_ due: WritableKeyPath<State, Int64>, _ amount: Int, _ each: Double?) {
            guard let each, amount != 0 else { return }
            state[keyPath: due] += Int64((Double(amount) * each).rounded())
        }
        add(\.requestsDueAt, requests, requestDistance)
        add(\.tokensDueAt, input + output, Self.distance(limits.tokens))
        add(\.inputTokensDueAt, input, Self.distance(limits.inputTokens))
        add(\.outputTokensDueAt, output, Self.distance(limits.outputTokens))
    }

    /// Nobody sends before that moment; an earlier pause is never shortened.
    public mutating func pause(until moment: Timestamp) {
        state.pausedUntil = max(moment, state.pausedUntil ?? moment)
    }

    /// The provider says how much is left of a limit of tokens that fills up evenly: when that is less than what is needed, the
    /// next request waits until it has filled up so far.
    mutating func brake(
        _ limit: KeyPath<RateLimits, Int?>, _ window: RateLimitReading.Window, need: Int, at now: Timestamp
    ) {
        guard let remaining = window.remaining, need > remaining,
            let each = Self.distance(limits[keyPath: limit])
        else { return }
        guard window.fillsEvenly else { return }
        let longest = (window.resetsIn ?? .seconds(60)).milliseconds * 1_000_000
        let wait = min(Int64(Double(need - remaining) * each), longest)
        let due: WritableKeyPath<State, Int64> =
            switch limit {
            case \.inputTokens: \.inputTokensDueAt
            case \.outputTokens: \.outputTokensDueAt
            default: \.tokensDueAt
            }
        state[keyPath: due] = max(state[keyPath: due], now.milliseconds * 1_000_000 + wait)
    }

    /// Takes over limits that were learnt or set anew; what is already due stays.
    public mutating func setLimits(_ limits: RateLimits) {
        self = TokenBucket(limits: limits, state: state)
    }

    /// Takes over what others have brought; see ``LimitBook``.
    mutating func setState(_ state: State) { self.state = state }

    /// Keeps what the provider says of its limits.
    mutating func hear(_ told: RateLimits) { state.told = told.filled(from: state.told) }

    mutating func learn(_ pace: LearntPace?) { state.learnt = pace }

    /// Whether anybody may ever have to wait for a place.
    public var isPaced: Bool {
        requestDistance != nil || limits.tokens != nil || limits.inputTokens != nil
            || limits.outputTokens != nil
    }

    /// Nanoseconds from one request to the next; nil where there is no limit.
    private var requestDistance: Double? {
        if let limit = limits.requests { return 60e9 / (Double(limit) * Self.requestShare) }
        return state.learnt.map { 60e9 / $0.perMinute }
    }

    /// The same at the whole of the limit: nearer no two requests may start (``StartGate``).
    var startDistance: Double? {
        limits.requests.map { 60e9 / Double($0) } ?? requestDistance
    }

    private var requestSlack: Int64 {
        let most = Double(Self.requestSlackMax.milliseconds) * 1e6
        return Int64(min(most, (requestDistance ?? 0) / 2))
    }

    /// Nanoseconds that a token takes.
    private static func distance(_ perMinute: Int?) -> Double? {
        perMinute.map { 60e9 / (Double($0) * share) }
    }
}
