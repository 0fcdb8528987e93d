import ParleyCore
import ProviderStack
import Synchronization

/// Decides when a request may go: the limits of each provider, and its breaker.
///
/// The decisions are values (``TokenBucket``, ``Breaker``); this holds them behind locks and turns their
/// verdicts into waiting, the limits' at the ``LimitDesk``. What it waits for is kept in words, for the panel.
final class Governor: Sendable {
    /// What one request needs.
    struct Demand: Sendable, Hashable {
        var model: ModelName
        /// The estimate.
        var inputTokens: Int
        /// The most that the answer may have; 0 where the request names no limit.
        var outputTokens: Int

        var tokens: Int { inputTokens + outputTokens }
    }

    /// The right to send one request. Give it back with ``settle(_:usage:)``, ``failed(_:_:)`` or ``free(_:)``.
    struct Ticket: Sendable, Hashable {
        var demand: Demand
        fileprivate var passage: LimitDesk.Passage
    }

    enum Admission: Sendable, Hashable {
        case granted(Ticket)
        /// The limits would hold it longer than it may wait; for which reason, in words.
        case heldTooLong(String)
        /// The run is stopping.
        case stopped
    }

    private struct State: Sendable {
        var names: [ModelName: LimiterName] = [:]
        /// Why nothing can be sent to a provider any more in this run, or until it is opened again.
        var closed: [ProviderName: Failure] = [:]
        var isStopping = false
    }

    private let state: Mutex<State>
    private let retryAfterMax: Duration
    private let account: @Sendable (ProviderName) -> AccountName
    let desk: LimitDesk
    let time: TimeSource

    /// - Parameters:
    ///   - account: which account of a provider is asked.
    ///   - memory: where limits and breakers are shared with other processes.
    init(
        settings: RunSettings, retryAfterMax: Duration = RetryPolicy().cap,
        account: @escaping @Sendable (ProviderName) -> AccountName = { AccountName(provider: $0) },
        memory: any PolicyMemory = VolatilePolicyMemory(), time: TimeSource,
        onMemoryFault: @escaping @Sendable (any Error) -> Void = { _ in }
    ) {
        self.retryAfterMax = retryAfterMax
        self.account = account
        self.time = time
        let own = RateLimits(requests: settings.requestsPerMinute, tokens: settings.tokensPerMinute)
        desk = LimitDesk(
            own: own, limitTimeout: settings.limitTimeout, memory: memory, time: time,
            onMemoryFault: onMemoryFault)
        state = Mutex(State())
    }

    /// Waits until the request may be sent.
    func admit(_ demand: Demand) async -> Admission {
        isStopping ? .stopped : await waitForTurn(demand)
    }

    /// Waits for the limits. The request may be written down when it is over, and sent after ``waitForStart(_:)``.
    private func waitForTurn(_ demand: Demand) async -> Admission {
        let needs = LimitDemand(
            inputTokens: demand.inputTokens, outputTokens: demand.outputTokens > 0 ? demand.outputTokens : nil
        )
        switch await desk.turn(name(of: demand.model), needs) {
        case .granted(let passage): return .granted(Ticket(demand: demand, passage: passage))
        case .heldTooLong(let reason): return .heldTooLong(reason)
        case .stopped: return .stopped
        }
    }

    /// Waits for the exact moment of the request's place, a few milliseconds after ``admit(_:)``.
    func waitForStart(_ ticket: Ticket) async { await desk.start(ticket.passage) }

    func name(of model: ModelName) -> LimiterName {
        state.withLock { state in
            if let known = state.names[model] { return known }
            let name = LimiterName(account: account(model.provider), model: model.model)
            state.names[model] = name
            return name
        }
    }

    /// The limits, and the name under which the model's stand among them.
    func withBook<Result: Sendable>(
        _ model: ModelName, _ body: (inout LimitBook, LimiterName) -> Result
    ) -> Result {
        let name = name(of: model)
        return desk.state.withLock { body(&$0.book, name) }
    }
}

extension Governor {
    /// The request was answered; without usage, what was reserved counts.
    func settle(_ ticket: Ticket, usage: Usage?) {
        let passage = ticket.passage
        let now = time.now
        desk.state.withLock { desk in
            if let place = passage.place { desk.book.settle(place, in: passage.name, usage: usage) }
            desk.book.withBreaker(passage.name.account) { $0.succeeded() }
            desk.spreads[passage.name.account.provider]?.answered(at: now)
        }
        desk.land(passage, .taken)
    }

    /// The request was not sent after all.
    func free(_ ticket: Ticket) {
        let passage = ticket.passage
        desk.state.withLock { desk in
            if let place = passage.place { desk.book.withLimiter(passage.name) { $0.free(place) } }
            desk.book.withBreaker(passage.name.account) { $0.withdrawn() }
        }
        desk.land(passage, .untold)
    }

    /// The request failed: the breaker counts it, a wish to be left alone pauses everybody, and a provider that takes no
    /// key or has no money is closed for this run. The provider counts the request, and of its tokens those that it bills.
    func failed(_ ticket: Ticket, _ failure: Failure) {
        let passage = ticket.passage
        let now = time.now
        // A wish beyond the cap is no pause but the end of this run's business with the provider.
        let wish = failure.kind == .rateLimited ? failure.retryAfter : nil
        let isTooLong = wish.map { $0 > retryAfterMax } == true
        desk.state.withLock { desk in
            desk.book.withLimiter(passage.name) { bucket in
                if let place = passage.place { bucket.settle(place, failure.usage ?? Usage()) }
                if let wish, !isTooLong { bucket.pause(until: now + wish) }
            }
            desk.book.withBreaker(passage.name.account) { $0.failed(failure.kind, at: now) }
            if failure.kind == .rateLimited {
                desk.spreads[passage.name.account.provider, default: WakeSpread()].refused(at: now)
            }
        }
        desk.land(passage, failure.landing)
        if isTooLong || failure.kind.concernsProvider {
            close(ticket.demand.model.provider, because: failure)
        }
    }

    /// Learns from the headers of an answer.
    func hear(_ reading: RateLimitReading, of model: ModelName) {
        let now = time.now
        withBook(model) { $0.hear(reading, of: $1, at: now) }
        desk.ring()
    }

    /// Over how long requests that the provider turned away are to come back.
    func spread(of provider: ProviderName) -> WakeSpread {
        desk.state.withLock { $0.spreads[provider] ?? WakeSpread() }
    }

    /// Why nothing can be sent to the provider in this run, if so.
    func closure(of provider: ProviderName) -> Failure? {
        state.withLock { $0.closed[provider] }
    }

    func close(_ provider: ProviderName, because failure: Failure) {
        state.withLock { $0.closed[provider] = failure }
    }

    /// Gives every provider that was closed another chance.
    func reopen() {
        state.withLock { $0.closed = [:] }
    }

    /// Nobody is admitted any more.
    func stop() {
        state.withLock { $0.isStopping = true }
        desk.stop()
    }

    private var isStopping: Bool { state.withLock { $0.isStopping } }

    /// What most requests wait for now, in words.
    var waitingFor: String? {
        desk.state.withLock { $0.waitingFor }
    }
}
