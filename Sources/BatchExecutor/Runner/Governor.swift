import ParleyCore
import ProviderStack
import Synchronization

/// Decides when a request may go: the limits of each provider, its breaker, and the budget.
///
/// The decisions are values (``TokenBucket``, ``Breaker``, ``BudgetGate``); this holds them behind one lock and turns
/// their verdicts into waiting. What it waits for is kept in words, for the panel.
final class Governor: Sendable {
    /// What one request needs.
    struct Demand: Sendable, Hashable {
        var provider: ProviderName
        /// Estimated input and the most output.
        var tokens: Int
        /// The most that it can cost.
        var worstCase: Picodollars
    }

    /// The right to send one request. Give it back with ``settle(_:tokens:cost:)``, ``failed(_:_:)`` or ``free(_:)``.
    struct Ticket: Sendable, Hashable {
        var demand: Demand
        fileprivate var place: TokenBucket.Reservation?
    }

    enum Admission: Sendable, Hashable {
        case granted(Ticket)
        /// The budget does not allow another request.
        case budgetReached
        /// The run is stopping.
        case stopped
    }

    private struct State: Sendable {
        var lanes: [ProviderName: Lane] = [:]
        var budget: BudgetGate
        var budgetWaiters: [CheckedContinuation<Void, Never>] = []
        /// Waits that are going on now, by their reason.
        var waits: [String: Int] = [:]
        var isStopping = false
    }

    /// One provider's limits.
    private struct Lane: Sendable {
        var bucket: TokenBucket
        var breaker = Breaker()
        var spread = WakeSpread()
        /// Why nothing can be sent to it any more in this run.
        var closed: Failure?
    }

    private let state: Mutex<State>
    private let settings: RunSettings
    private let retryAfterMax: Duration
    private let time: TimeSource
    /// Waits are cut into slices of this length, so that a stop is noticed.
    private static let waitSlice = Duration.milliseconds(200)

    init(
        settings: RunSettings, spent: Picodollars, retryAfterMax: Duration = RetryPolicy().cap,
        time: TimeSource
    ) {
        self.settings = settings
        self.retryAfterMax = retryAfterMax
        self.time = time
        state = Mutex(State(budget: BudgetGate(limit: settings.budget, spent: spent)))
    }

    /// Waits until the request may be sent.
    func admit(_ demand: Demand) async -> Admission {
        while true {
            if isStopping { return .stopped }
            switch state.withLock({ $0.budget.reserve(demand.worstCase) }) {
            case .granted: return await waitForTurn(demand)
            case .refused: return .budgetReached
            case .wait: await waitForSettlement()
            }
        }
    }

    /// Takes a place in the provider's time and waits for it. A pause that the provider asks for, or its breaker, can come
    /// between, so both are looked at again before going.
    private func waitForTurn(_ demand: Demand) async -> Admission {
        let now = time.now
        let place = withLane(demand.provider) { $0.bucket.reserve(tokens: demand.tokens, at: now) }
        let ticket = Ticket(demand: demand, place: place)
        while let (wait, reason) = obstacle(of: ticket, at: time.now) {
            guard await hold(for: wait, because: reason) else {
                free(ticket)
                return .stopped
            }
        }
        return .granted(ticket)
    }

    private func obstacle(of ticket: Ticket, at now: Timestamp) -> (Duration, String)? {
        withLane(ticket.demand.provider) { lane in
            if let place = ticket.place {
                let wait = lane.bucket.wait(for: place, at: now)
                let isPause = lane.bucket.state.pausedUntil.map { $0 > now } == true
                if wait > .zero {
                    return (
                        wait,
                        isPause ? "\(ticket.demand.provider), which asked for a pause" : "the rate limit"
                    )
                }
            }
            if lane.breaker.admits(at: now) { return nil }
            let until = lane.breaker.opensAgain(after: now) ?? now + Self.waitSlice
            return (until.since(now), "\(ticket.demand.provider), which rests after failures")
        }
    }

    /// Sleeps, in slices; false when the run stops meanwhile.
    private func hold(for wait: Duration, because reason: String) async -> Bool {
        state.withLock { $0.waits[reason, default: 0] += 1 }
        defer {
            state.withLock { state in
                let left = state.waits[reason, default: 1] - 1
                state.waits[reason] = left > 0 ? left : nil
            }
        }
        let until = time.now + wait
        while true {
            if isStopping { return false }
            let left = until.since(time.now)
            if left <= .zero { return true }
            try? await time.sleep(for: min(left, Self.waitSlice))
        }
    }

    private func waitForSettlement() async {
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                // Whatever was in the air may have landed between the verdict and now.
                guard state.budget.reserved > .zero, !state.isStopping else { return true }
                state.budgetWaiters.append(continuation)
                return false
            }
            if goesOn { continuation.resume() }
        }
    }

    private func withLane<Result: Sendable>(
        _ provider: ProviderName, _ body: (inout Lane) -> Result
    ) -> Result {
        state.withLock { state in
            var lane =
                state.lanes[provider]
                ?? Lane(
                    bucket: TokenBucket(
                        requestsPerMinute: settings.requestsPerMinute,
                        tokensPerMinute: settings.tokensPerMinute))
            defer { state.lanes[provider] = lane }
            return body(&lane)
        }
    }
}

extension Governor {
    /// The request was answered.
    func settle(_ ticket: Ticket, tokens: Int, cost: Picodollars) {
        let now = time.now
        withLane(ticket.demand.provider) { lane in
            if let place = ticket.place { lane.bucket.settle(place, tokens: tokens) }
            lane.spread.answered(at: now)
            lane.breaker.succeeded()
        }
        settleBudget(ticket, cost: cost)
    }

    /// The request was not sent after all.
    func free(_ ticket: Ticket) {
        withLane(ticket.demand.provider) { lane in
            if let place = ticket.place { lane.bucket.free(place) }
            lane.breaker.withdrawn()
        }
        settleBudget(ticket, cost: .zero)
    }

    /// The request failed: the breaker counts it, a wish to be left alone pauses everybody, and a provider that takes no
    /// key or has no money is closed for this run. The provider counts the request, and of its tokens those that it bills.
    func failed(_ ticket: Ticket, _ failure: Failure, cost: Picodollars = .zero) {
        let now = time.now
        withLane(ticket.demand.provider) { lane in
            if let place = ticket.place { lane.bucket.settle(place, tokens: failure.usage?.total ?? 0) }
            lane.breaker.failed(failure.kind, at: now)
            if failure.kind == .rateLimited {
                lane.spread.refused(at: now)
                // A wish beyond the cap is no pause but the end of this run's business with the provider.
                if let pause = failure.retryAfter {
                    if pause > retryAfterMax {
                        lane.closed = failure
                    } else {
                        lane.bucket.pause(until: now + pause)
                    }
                }
            }
            if failure.kind.concernsProvider { lane.closed = failure }
        }
        settleBudget(ticket, cost: cost)
    }

    private func settleBudget(_ ticket: Ticket, cost: Picodollars) {
        let waiters = state.withLock { state in
            state.budget.settle(ticket.demand.worstCase, cost: cost)
            defer { state.budgetWaiters = [] }
            return state.budgetWaiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Over how long requests that the provider turned away are to come back.
    func spread(of provider: ProviderName) -> WakeSpread {
        state.withLock { $0.lanes[provider]?.spread ?? WakeSpread() }
    }

    /// Why nothing can be sent to the provider in this run, if so.
    func closure(of provider: ProviderName) -> Failure? {
        state.withLock { $0.lanes[provider]?.closed }
    }

    func close(_ provider: ProviderName, because failure: Failure) {
        withLane(provider) { $0.closed = failure }
    }

    /// Nobody is admitted any more.
    func stop() {
        let waiters = state.withLock { state in
            state.isStopping = true
            defer { state.budgetWaiters = [] }
            return state.budgetWaiters
        }
        for waiter in waiters { waiter.resume() }
    }

    private var isStopping: Bool { state.withLock { $0.isStopping } }

    /// What most requests wait for now, in words.
    var waitingFor: String? {
        state.withLock { state in
            if !state.budgetWaiters.isEmpty { return "room in the budget" }
            return state.waits.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key
        }
    }

    var spent: Picodollars { state.withLock { $0.budget.spent } }
}
