public import ParleyCore

/// Stops calling a provider that keeps failing, and now and then lets one call through to look.
///
/// A plain value: no clock, lock or task inside. Callers pass `now` and act on the answer; ``state`` is what the
/// database keeps between two runs.
public struct Breaker: Sendable, Hashable {
    public typealias State = BreakerState

    /// So many failures in a row open it.
    public var failuresMax: Int
    /// How long it stays open, and how long a probe is waited for.
    public var rest: Duration
    public internal(set) var state: State

    public init(failuresMax: Int = 5, rest: Duration = .seconds(30), state: State = .closed(failures: 0)) {
        precondition(failuresMax > 0, "a breaker must let at least one call through")
        self.failuresMax = failuresMax
        self.rest = rest
        self.state = state
    }

    /// Whether a call may be made now. Whoever is told yes must report ``succeeded()``, ``failed(_:at:)`` or ``withdrawn()``.
    public mutating func admits(at now: Timestamp) -> Bool {
        switch state {
        case .closed: return true
        case .open(let until), .probing(let until):
            guard now >= until else { return false }
            state = .probing(until: now + rest)
            return true
        }
    }

    /// When a call may be made again; nil = now.
    public func opensAgain(after now: Timestamp) -> Timestamp? {
        switch state {
        case .closed: nil
        case .open(let until), .probing(let until): now < until ? until : nil
        }
    }

    public mutating func succeeded() { state = .closed(failures: 0) }

    /// Counts what says something of the provider; an answer that blames the request shows that the provider is up.
    public mutating func failed(_ kind: Failure.Kind, at now: Timestamp) {
        switch kind {
        case .overloaded, .unreachable, .timedOut, .malformedReply, .streamBroken:
            switch state {
            case .closed(let failures) where failures + 1 < failuresMax:
                state = .closed(failures: failures + 1)
            case .closed, .probing:
                state = .open(until: now + rest)
            case .open:
                break
            }
        case .rateLimited, .quotaExhausted, .emptyReply, .invalidAnswer, .unauthorized, .contextTooLong,
            .contentRefused, .rejected:
            succeeded()
        case .cancelled, .circuitOpen, .budgetReached:
            withdrawn()
        }
    }

    /// A call that was admitted has come to nothing, for no reason of the provider's.
    public mutating func withdrawn() {
        if case .probing(let until) = state { state = .open(until: until - rest) }
    }
}
