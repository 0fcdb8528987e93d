import ParleyCore
import ProviderStack
import Synchronization

/// Decides when a request may go: the limits of each provider, its breaker, and the budget.
///
/// The decisions are values (``TokenBucket``, ``Breaker``, ``BudgetGate``); this holds them behind one lock and turns
/// their verdicts into waiting. What it waits for is kept in words, for the panel.
final class Governor: Sendable {
    /// How a request that has to wait learns whether it still may.
    enum Admission: Sendable, Hashable {
        case granted
        /// The budget does not allow another request.
        case budgetReached
        /// The run is stopping.
        case stopped
    }

    /// What one request may cost at most.
    struct Reservation: Sendable, Hashable {
        var provider: ProviderName
        var tokens: Int
        var worstCase: Picodollars
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
        var bucket: TokenBucket?
        var breaker = Breaker()
        var pausedUntil = Timestamp(milliseconds: 0)
        /// Why nothing can be sent to it any more in this run.
        var closed: Failure?
    }

    private let state: Mutex<State>
    private let settings: RunSettings
    private let time: TimeSource
    /// Waits are cut into slices of this length, so that a stop is noticed.
    private static let waitSlice = Duration.milliseconds(200)

    init(settings: RunSettings, spent: Picodollars, time: TimeSource) {
        self.settings = settings
        self.time = time
        state = Mutex(State(budget: BudgetGate(limit: settings.budget, spent: spent)))
    }

    /// Waits until the request may be sent.
    func admit(_ reservation: Reservation) async -> Admission {
        while true {
            if isStopping { return .stopped }
            switch state.withLock({ $0.budget.reserve(reservation.worstCase) }) {
            case .granted: return await waitForLimit(reservation)
            case .refused: return .budgetReached
            case .wait: await waitForSettlement()
            }
        }
    }

    private func waitForLimit(_ reservation: Reservation) async -> Admission {
        let now = time.now
        let wait = state.withLock { state -> Duration in
            var lane = state.lanes[reservation.provider] ?? makeLane(at: now)
            defer { state.lanes[reservation.provider] = lane }
            return lane.bucket?.reserve(tokens: reservation.tokens, at: now) ?? .zero
        }
        var goesAt = now + wait
        if wait > .zero, await !hold(until: goesAt, because: "the rate limit") { return cancel(reservation) }
        // A pause by the provider, or its open breaker, can begin while we wait: look again before going.
        while let (until, reason) = obstacle(of: reservation.provider, at: time.now) {
            goesAt = until
            if await !hold(until: goesAt, because: reason) { return cancel(reservation) }
        }
        return .granted
    }

    private func makeLane(at now: Timestamp) -> Lane {
        guard settings.requestsPerMinute != nil || settings.tokensPerMinute != nil else { return Lane() }
        return Lane(
            bucket: TokenBucket(
                requestsPerMinute: settings.requestsPerMinute, tokensPerMinute: settings.tokensPerMinute,
                at: now))
    }

    private func obstacle(of provider: ProviderName, at now: Timestamp) -> (Timestamp, String)? {
        state.withLock { state in
            guard var lane = state.lanes[provider] else { return nil }
            defer { state.lanes[provider] = lane }
            if lane.pausedUntil > now { return (lane.pausedUntil, "\(provider) asks for a pause") }
            if lane.breaker.admits(at: now) { return nil }
            return (lane.breaker.restsUntil ?? now + .seconds(1), "\(provider) rests after failures")
        }
    }

    private func cancel(_ reservation: Reservation) -> Admission {
        free(reservation)
        return .stopped
    }

    /// Sleeps until then, in slices; false when the run stops meanwhile.
    private func hold(until: Timestamp, because reason: String) async -> Bool {
        state.withLock { $0.waits[reason, default: 0] += 1 }
        defer {
            state.withLock { state in
                state.waits[reason, default: 1] -= 1
                if state.waits[reason] == 0 { state.waits[reason] = nil }
            }
        }
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
}

extension Governor {
    /// The request was answered.
    func settle(_ reservation: Reservation, tokens: Int, cost: Picodollars) {
        let waiters = state.withLock { state in
            state.lanes[reservation.provider]?.bucket?.settle(reserved: reservation.tokens, used: tokens)
            state.lanes[reservation.provider, default: Lane()].breaker.succeeded()
            state.budget.settle(reservation.worstCase, cost: cost)
            defer { state.budgetWaiters = [] }
            return state.budgetWaiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// The request was not sent, or came to nothing.
    func free(_ reservation: Reservation) {
        let waiters = state.withLock { state in
            state.lanes[reservation.provider]?.bucket?.free(tokens: reservation.tokens)
            state.budget.settle(reservation.worstCase, cost: .zero)
            defer { state.budgetWaiters = [] }
            return state.budgetWaiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// The request failed: the breaker counts it, a wish to be left alone pauses everybody, and a provider that takes no
    /// key or has no money is closed for this run.
    func failed(_ reservation: Reservation, _ failure: Failure) {
        free(reservation)
        let now = time.now
        state.withLock { state in
            var lane = state.lanes[reservation.provider] ?? makeLane(at: now)
            defer { state.lanes[reservation.provider] = lane }
            switch failure.kind {
            case .overloaded, .unreachable, .timedOut, .streamBroken: lane.breaker.failed(at: now)
            case .cancelled: lane.breaker.released()
            default: lane.breaker.succeeded()
            }
            if let pause = failure.retryAfter, failure.kind == .rateLimited {
                lane.pausedUntil = max(lane.pausedUntil, now + pause)
            }
            if failure.kind.concernsProvider { lane.closed = failure }
        }
    }

    /// Why nothing can be sent to the provider in this run, if so.
    func closure(of provider: ProviderName) -> Failure? {
        state.withLock { $0.lanes[provider]?.closed }
    }

    func close(_ provider: ProviderName, because failure: Failure) {
        state.withLock { $0.lanes[provider, default: Lane()].closed = failure }
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
            state.budgetWaiters.isEmpty ? state.waits.max { $0.value < $1.value }?.key : "room in the budget"
        }
    }

    var spent: Picodollars { state.withLock { $0.budget.spent } }
}
