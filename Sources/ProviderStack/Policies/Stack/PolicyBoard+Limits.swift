public import ParleyCore
import Synchronization

// The limiter.
extension PolicyBoard {
    /// Why a reserved place cannot be used yet.
    struct Obstacle: Sendable, Hashable {
        var wait: Duration
        var reason: PolicyWait.Reason
    }

    /// The door to a model's requests: so many at once as the settings allow and the provider turned out to bear.
    func turnstile(of name: LimiterName) -> Turnstile {
        state.withLock { state in
            if let known = state.turnstiles[name] { return known }
            let turnstile = Turnstile(max: concurrencyMax(of: name, in: state))
            state.turnstiles[name] = turnstile
            return turnstile
        }
    }

    private func concurrencyMax(of name: LimiterName, in state: State) -> Int {
        min(settings.concurrencyMax ?? .max, state.book.concurrencyMax(of: name) ?? .max)
    }

    /// A request that has waited for its place, if it had to, is sent. It must be followed by ``settle(_:in:usage:)``,
    /// ``failed(_:in:_:)`` or ``free(_:in:)``.
    func send(
        _ place: TokenBucket.Reservation, _ demand: LimitDemand, in name: LimiterName, hasWaited: Bool
    ) -> Flight {
        let now = time.now
        return state.withLock { $0.book.send(name, demand, place: place, hasWaited: hasWaited, at: now) }
    }

    private func land(
        _ flight: Flight, of name: LimiterName, _ landing: LimitBook.Landing, in state: inout State,
        at now: Timestamp
    ) {
        state.book.land(flight, of: name, landing, at: now)
        state.turnstiles[name]?.setMax(concurrencyMax(of: name, in: state))
    }

    func reserve(_ name: LimiterName, _ demand: LimitDemand) -> TokenBucket.Reservation {
        let now = time.now
        return state.withLock { state in
            let output = state.book.outputTokens(of: name, max: demand.outputTokens, at: now)
            return state.book.withLimiter(name) {
                $0.reserve(inputTokens: demand.inputTokens, outputTokens: output, at: now)
            }
        }
    }

    func obstacle(of place: TokenBucket.Reservation, in name: LimiterName) -> Obstacle? {
        let now = time.now
        return state.withLock { state in
            state.book.withLimiter(name) { bucket in
                let wait = bucket.wait(for: place, at: now)
                guard wait > .zero else { return nil }
                let isPause = bucket.state.pausedUntil.map { $0 > now } == true
                return Obstacle(wait: wait, reason: isPause ? .pause : .pace)
            }
        }
    }

    /// A part of its own for each request that waits for the end of a pause, so that they do not all come back at once.
    func wakeJitter(of name: LimiterName) -> Duration {
        var numbers = random.numbers
        return state.withLock { $0.spreads[name] ?? WakeSpread() }.wait(random: &numbers)
    }

    func free(_ place: TokenBucket.Reservation, in name: LimiterName) {
        state.withLock { $0.book.withLimiter(name) { $0.free(place) } }
    }

    /// The request was answered; without usage, what was reserved counts.
    func settle(
        _ place: TokenBucket.Reservation, _ flight: Flight, in name: LimiterName, usage: Usage?
    ) {
        let now = time.now
        state.withLock { state in
            state.book.settle(place, in: name, usage: usage)
            land(flight, of: name, .taken, in: &state, at: now)
            state.spreads[name]?.answered(at: now)
        }
    }

    /// The request failed: its tokens are given back, and a wish to be left alone holds for everybody.
    func failed(
        _ place: TokenBucket.Reservation, _ flight: Flight, in name: LimiterName, _ failure: Failure
    ) {
        let now = time.now
        state.withLock { state in
            state.book.withLimiter(name) { bucket in
                bucket.settle(place, failure.usage ?? Usage())
                guard failure.kind == .rateLimited, let wish = failure.retryAfter else { return }
                bucket.pause(until: now + wish)
            }
            land(flight, of: name, failure.landing, in: &state, at: now)
            if failure.kind == .rateLimited { state.spreads[name, default: WakeSpread()].refused(at: now) }
        }
    }

    func waitBegins() { state.withLock { $0.tally.waiting += 1 } }

    func waitEnds(after waited: Duration) {
        state.withLock { state in
            state.tally.waiting -= 1
            state.tally.waits += 1
            state.tally.waited += waited
        }
    }
}

// The breaker, and what is known of the account as a whole.
extension PolicyBoard {
    /// Nil when the account may be asked now; else the failure that says why not.
    func refusal(of account: AccountName, for model: ModelName) -> Failure? {
        let now = time.now
        return state.withLock { state in
            let rest = state.book.withBreaker(account) { breaker -> Duration? in
                breaker.admits(at: now) ? nil : breaker.opensAgain(after: now)?.since(now) ?? .zero
            }
            guard let rest else { return nil }
            let last = state.lastFailures[account].map { "; the last one: \($0)" } ?? ""
            return Failure(
                kind: .circuitOpen, provider: account.provider, model: model.model,
                message: "left alone for \(TimeLimits.words(rest)) after failures in a row\(last)",
                retryAfter: rest)
        }
    }

    func succeeded(_ account: AccountName) {
        state.withLock { state in
            state.book.withBreaker(account) { $0.succeeded() }
            state.closed[account] = nil
            state.lastFailures[account] = nil
        }
    }

    func failed(_ account: AccountName, _ failure: Failure) {
        let now = time.now
        state.withLock { state in
            state.book.withBreaker(account) { breaker in
                // A request that never left says nothing of the provider.
                if failure.code == Failure.limitTimeoutCode {
                    breaker.withdrawn()
                } else {
                    breaker.failed(failure.kind, at: now)
                }
            }
            if failure.kind != .cancelled { state.lastFailures[account] = failure.message }
            if failure.kind.concernsProvider { state.closed[account] = now + settings.closedFor }
        }
    }

    /// Whether a request would be sent if it came now, a pause or the pace set aside.
    func isUsable(_ name: LimiterName) -> Bool {
        let now = time.now
        return state.withLock { state in
            if let closed = state.closed[name.account], closed > now { return false }
            return state.book.withBreaker(name.account) { $0.opensAgain(after: now) == nil }
        }
    }

    /// See ``LimitBook/askedWait(of:at:)``.
    func askedWait(of name: LimiterName) -> Duration {
        state.withLock { $0.book.askedWait(of: name, at: time.now) }
    }

    /// See ``LimitBook/expectedWait(of:at:)``.
    func expectedWait(of name: LimiterName) -> Duration {
        state.withLock { $0.book.expectedWait(of: name, at: time.now) }
    }
}

extension Failure {
    /// What the failure says of the limits.
    public var landing: LimitBook.Landing {
        switch kind {
        case .rateLimited: .refused
        case .cancelled, .circuitOpen, .budgetReached, .unreachable, .timedOut: .untold
        default: .taken
        }
    }

    /// The code of a failure of kind `rateLimited` that is our own: the limits would have held the request longer than it may
    /// wait, so it was not sent and waiting again would not help.
    public static let limitTimeoutCode = "limit_timeout"
}
