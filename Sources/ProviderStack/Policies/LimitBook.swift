public import ParleyCore

/// The limiters and breakers of all accounts that a process asks, and what of them the others have to know.
///
/// A plain value: the batch runner and ``PolicyBoard`` each keep one behind a lock. Every so often its ``notes`` are
/// exchanged with a ``PolicyMemory`` and the answer is taken over by ``adopt(_:for:at:)``.
public struct LimitBook: Sendable {
    struct Lane: Sendable {
        var bucket: TokenBucket
        var pace = AdaptivePace()
        var concurrency = AdaptiveConcurrency()
        /// Requests of this process that were sent and have not ended.
        var inAir = 0
        var tokens = TokensInAir()
        var answerLength = AnswerLength()
        /// See ``LimitBook/wholeAfterRefusal``.
        var reservesWholeUntil: Timestamp?
        /// As it was at the last exchange.
        var base = LimiterState()
        var isShared = false
    }

    private struct Guarded: Sendable {
        var breaker: Breaker
        var base: BreakerState
        var isShared = false
    }

    /// The user's own limits; what they leave open is filled with what the provider says of itself.
    public let own: RateLimits
    private let template: Breaker
    var lanes: [LimiterName: Lane] = [:]
    private var breakers: [AccountName: Guarded] = [:]

    public init(own: RateLimits = RateLimits(), breaker: Breaker = Breaker()) {
        self.own = own
        template = breaker
    }

    /// Works on the limiter of that name; one that nobody has used yet is new and free.
    public mutating func withLimiter<Value>(
        _ name: LimiterName, _ body: (inout TokenBucket) -> Value
    ) -> Value {
        body(&lanes[name, default: Lane(bucket: TokenBucket(limits: own))].bucket)
    }

    /// The request was answered: the real figures take the place of the reserved ones. Without usage, what was reserved
    /// counts.
    public mutating func settle(_ place: TokenBucket.Reservation, in name: LimiterName, usage: Usage?) {
        guard let usage else { return }
        withLimiter(name) { $0.settle(place, usage) }
        lanes[name]?.answerLength.learn(usage.output)
    }

    /// Works on the breaker of that account; one that nobody has used yet is closed.
    public mutating func withBreaker<Value>(
        _ account: AccountName, _ body: (inout Breaker) -> Value
    ) -> Value {
        body(&breakers[account, default: Guarded(breaker: template, base: template.state)].breaker)
    }

    /// Enters a limiter and its account's breaker, so that they are among the ``notes``.
    public mutating func meet(_ name: LimiterName) {
        withLimiter(name) { _ in }
        withBreaker(name.account) { _ in }
    }

    /// Learns from the headers of an answer: its limits hold where the user has set none, and where nothing is left
    /// everybody waits until there is.
    public mutating func hear(_ reading: RateLimitReading, of name: LimiterName, at now: Timestamp) {
        let own = own
        withLimiter(name) { bucket in
            let told = bucket.state.told
            bucket.hear(reading.limits)
            if bucket.state.told != told { bucket.setLimits(own.filled(from: bucket.state.told)) }
            if let wait = reading.silence { bucket.pause(until: now + wait) }
        }
        lanes[name]?.brake(reading, at: now)
    }

    /// How long the provider itself wants to be left alone: a pause it has asked for, or its breaker's rest.
    public func askedWait(of name: LimiterName, at now: Timestamp) -> Duration {
        let pause = lanes[name]?.bucket.state.pausedUntil.map { $0.since(now) } ?? .zero
        let rest = breakers[name.account]?.breaker.opensAgain(after: now).map { $0.since(now) } ?? .zero
        return max(.zero, pause, rest)
    }

    /// Whether the provider has asked for silence that is not over.
    public func isPaused(_ name: LimiterName, at now: Timestamp) -> Bool {
        lanes[name]?.bucket.state.pausedUntil.map { $0 > now } ?? false
    }

    /// How long somebody who came now would wait, the pace of the limits included.
    public func expectedWait(of name: LimiterName, at now: Timestamp) -> Duration {
        max(askedWait(of: name, at: now), lanes[name]?.bucket.expectedWait(at: now) ?? .zero)
    }
}

// What is kept.
extension LimitBook {
    /// A minute without requests makes every limit per minute whole. So whatever a process that has ended had reserved, its
    /// successor never waits longer for it.
    static let reservedAheadMax = Duration.seconds(60)

    /// Everything that this process has used, to be exchanged.
    public var notes: PolicyNotes {
        PolicyNotes(
            limiters: lanes.mapValues { .init(state: $0.bucket.state, base: $0.base) },
            breakers: breakers.mapValues { .init(state: $0.breaker.state, base: $0.base) })
    }

    public func isShared(_ name: LimiterName) -> Bool {
        lanes[name]?.isShared == true && breakers[name.account]?.isShared == true
    }

    /// Takes over what holds after an exchange of `notes`; what has happened here meanwhile is added.
    public mutating func adopt(_ states: PolicyStates, for notes: PolicyNotes, at now: Timestamp) {
        for (name, kept) in states.limiters {
            guard let sent = notes.limiters[name] else { continue }
            var lane = lanes[name] ?? Lane(bucket: TokenBucket(limits: own))
            var taken = kept
            if !lane.isShared { taken.limitReserve(to: now + Self.reservedAheadMax) }
            let known = lane.bucket.state.learnt
            lane.bucket.setState(lane.bucket.state.merged(with: taken, since: sent.state, at: now))
            if let learnt = lane.bucket.state.learnt {
                lane.pace.heard(of: learnt, insteadOf: known, at: now)
            }
            lane.bucket.setLimits(own.filled(from: lane.bucket.state.told))
            lane.base = kept
            lane.isShared = true
            lanes[name] = lane
        }
        for (account, kept) in states.breakers {
            guard let sent = notes.breakers[account] else { continue }
            var guarded = breakers[account] ?? Guarded(breaker: template, base: template.state)
            if guarded.breaker.state == sent.state { guarded.breaker.state = kept }
            guarded.base = kept
            guarded.isShared = true
            breakers[account] = guarded
        }
    }
}

extension LimiterState {
    mutating func limitReserve(to moment: Timestamp) {
        let latest = moment.milliseconds * 1_000_000
        requestsDueAt = min(requestsDueAt, latest)
        tokensDueAt = min(tokensDueAt, latest)
        inputTokensDueAt = min(inputTokensDueAt, latest)
        outputTokensDueAt = min(outputTokensDueAt, latest)
    }
}

extension RateLimitReading {
    /// The limits that can be paced: a limit of zero is a fault of the sender.
    var limits: RateLimits {
        func limit(_ window: Window) -> Int? { window.limit.flatMap { $0 > 0 ? $0 : nil } }
        return RateLimits(
            requests: limit(requests), tokens: limit(tokens), inputTokens: limit(inputTokens),
            outputTokens: limit(outputTokens))
    }

    /// How long nothing at all can be sent, by the windows that are used up.
    ///
    /// A reset is the moment at which a window is whole again (OpenAI and Anthropic say so). One request is there
    /// earlier, where the limit is known.
    var silence: Duration? {
        var request = requests
        if let limit = request.limit, limit > 0, let reset = request.resetsIn {
            request.resetsIn = min(reset, .milliseconds(60_000 / Int64(limit) + 1))
        }
        return [request, tokens, inputTokens, outputTokens]
            .compactMap { $0.remaining == 0 ? $0.resetsIn : nil }.max()
    }
}
