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
        var model: ModelName
        /// The estimate.
        var inputTokens: Int
        /// The most that the answer may have; 0 where the request names no limit.
        var outputTokens: Int
        /// The most that it can cost.
        var worstCase: Picodollars

        var tokens: Int { inputTokens + outputTokens }
    }

    /// The right to send one request. Give it back with ``settle(_:usage:cost:)``, ``failed(_:_:)`` or ``free(_:)``.
    struct Ticket: Sendable, Hashable {
        var demand: Demand
        fileprivate var place: TokenBucket.Reservation?
    }

    enum Admission: Sendable, Hashable {
        case granted(Ticket)
        /// The budget does not allow another request.
        case budgetReached
        /// The limits would hold it longer than it may wait; for which reason, in words.
        case heldTooLong(String)
        /// The run is stopping.
        case stopped
    }

    private struct State: Sendable {
        var book: LimitBook
        var names: [ModelName: LimiterName] = [:]
        var lanes: [ProviderName: Lane] = [:]
        var budget: BudgetGate
        var budgetWaiters: [CheckedContinuation<Void, Never>] = []
        /// Waits that are going on now, by their reason.
        var waits: [String: Int] = [:]
        var isStopping = false

        mutating func name(
            of model: ModelName, account: (ProviderName) -> AccountName
        ) -> LimiterName {
            if let known = names[model] { return known }
            let name = LimiterName(account: account(model.provider), model: model.model)
            names[model] = name
            return name
        }
    }

    /// What a run by itself knows of a provider.
    private struct Lane: Sendable {
        var spread = WakeSpread()
        /// Why nothing can be sent to it any more in this run.
        var closed: Failure?
    }

    private let state: Mutex<State>
    private let retryAfterMax: Duration
    private let limitTimeout: Duration?
    private let account: @Sendable (ProviderName) -> AccountName
    let time: TimeSource
    /// Waits are cut into slices of this length, so that a stop is noticed.
    private static let waitSlice = Duration.milliseconds(200)

    /// - Parameter account: which account of a provider is asked.
    init(
        settings: RunSettings, spent: Picodollars, retryAfterMax: Duration = RetryPolicy().cap,
        account: @escaping @Sendable (ProviderName) -> AccountName = { AccountName(provider: $0) },
        time: TimeSource
    ) {
        self.retryAfterMax = retryAfterMax
        limitTimeout = settings.limitTimeout
        self.account = account
        self.time = time
        let own = RateLimits(requests: settings.requestsPerMinute, tokens: settings.tokensPerMinute)
        let budget = BudgetGate(limit: settings.budget, spent: spent)
        state = Mutex(State(book: LimitBook(own: own), budget: budget))
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
        let place = withBook(demand.model) { book, name in
            book.withLimiter(name) {
                $0.reserve(inputTokens: demand.inputTokens, outputTokens: demand.outputTokens, at: now)
            }
        }
        let ticket = Ticket(demand: demand, place: place)
        while let (wait, reason) = obstacle(of: ticket, at: time.now) {
            if let limitTimeout, time.now.since(now) + wait > limitTimeout {
                free(ticket)
                return .heldTooLong(reason)
            }
            guard await hold(for: wait, because: reason) else {
                free(ticket)
                return .stopped
            }
        }
        return .granted(ticket)
    }

    private func obstacle(of ticket: Ticket, at now: Timestamp) -> (Duration, String)? {
        let provider = ticket.demand.model.provider
        return withBook(ticket.demand.model) { book, name -> (Duration, String)? in
            if let place = ticket.place {
                let (wait, isPause) = book.withLimiter(name) { bucket in
                    (bucket.wait(for: place, at: now), bucket.state.pausedUntil.map { $0 > now } == true)
                }
                if wait > .zero {
                    return (wait, isPause ? "\(provider), which asked for a pause" : "the rate limit")
                }
            }
            return book.withBreaker(name.account) { breaker in
                if breaker.admits(at: now) { return nil }
                let until = breaker.opensAgain(after: now) ?? now + Self.waitSlice
                return (until.since(now), "\(provider), which rests after failures")
            }
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
        state.withLock { body(&$0.lanes[provider, default: Lane()]) }
    }

    var notes: PolicyNotes { state.withLock { $0.book.notes } }

    func adopt(_ states: PolicyStates, for notes: PolicyNotes, at now: Timestamp) {
        state.withLock { $0.book.adopt(states, for: notes, at: now) }
    }

    /// The limits, and the name under which the model's stand among them.
    func withBook<Result: Sendable>(
        _ model: ModelName, _ body: (inout LimitBook, LimiterName) -> Result
    ) -> Result {
        state.withLock { state in
            let name = state.name(of: model, account: account)
            return body(&state.book, name)
        }
    }
}

extension Governor {
    /// The request was answered; without usage, what was reserved counts.
    func settle(_ ticket: Ticket, usage: Usage?, cost: Picodollars) {
        let now = time.now
        withBook(ticket.demand.model) { book, name in
            if let place = ticket.place, let usage { book.withLimiter(name) { $0.settle(place, usage) } }
            book.withBreaker(name.account) { $0.succeeded() }
        }
        withLane(ticket.demand.model.provider) { $0.spread.answered(at: now) }
        settleBudget(ticket, cost: cost)
    }

    /// The request was not sent after all.
    func free(_ ticket: Ticket) {
        withBook(ticket.demand.model) { book, name in
            if let place = ticket.place { book.withLimiter(name) { $0.free(place) } }
            book.withBreaker(name.account) { $0.withdrawn() }
        }
        settleBudget(ticket, cost: .zero)
    }

    /// The request failed: the breaker counts it, a wish to be left alone pauses everybody, and a provider that takes no
    /// key or has no money is closed for this run. The provider counts the request, and of its tokens those that it bills.
    func failed(_ ticket: Ticket, _ failure: Failure, cost: Picodollars = .zero) {
        let now = time.now
        // A wish beyond the cap is no pause but the end of this run's business with the provider.
        let wish = failure.kind == .rateLimited ? failure.retryAfter : nil
        let isTooLong = wish.map { $0 > retryAfterMax } == true
        withBook(ticket.demand.model) { book, name in
            book.withLimiter(name) { bucket in
                if let place = ticket.place { bucket.settle(place, failure.usage ?? Usage()) }
                if let wish, !isTooLong { bucket.pause(until: now + wish) }
            }
            book.withBreaker(name.account) { $0.failed(failure.kind, at: now) }
        }
        withLane(ticket.demand.model.provider) { lane in
            if failure.kind == .rateLimited { lane.spread.refused(at: now) }
            if isTooLong || failure.kind.concernsProvider { lane.closed = failure }
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
