import ConversationStore
import Logging
import ParleyCore
import ProviderStack
import Synchronization

/// What the workers of one run share. A class, because it is handed on for each job and has much in it.
final class RunContext: Sendable {
    let store: Store
    let providers: any ProviderSource
    let settings: RunSettings
    let time: TimeSource
    let logger: Logger
    let plans: BatchPlans
    let prices: PriceBook
    let governor: Governor
    let wall: BudgetWall
    let holdings = Holdings()
    let rescues = RescueTally()
    let tally: RunTally
    let feed: JobFeed
    let board = BatchBoard()
    let limiters: BatchLimiters
    let halt = Halt()
    let executors: ExecutorRing
    let settlements = SettlementDesk()
    let schemas: AnswerSchemas
    let reuse = ReuseDesk()
    let leaderForm = LeaderForm()
    let retryPolicy: RetryPolicy
    /// Nil where nobody listens; then no event is made.
    let onEvent: (@Sendable (RunEvent) -> Void)?

    init(
        store: Store, providers: any ProviderSource, settings: RunSettings, time: TimeSource, logger: Logger,
        plans: BatchPlans, prices: PriceBook, governor: Governor, wall: BudgetWall, tally: RunTally,
        feed: JobFeed, limiters: BatchLimiters, retryPolicy: RetryPolicy,
        onEvent: (@Sendable (RunEvent) -> Void)? = nil
    ) {
        self.store = store
        self.providers = providers
        self.settings = settings
        self.time = time
        self.logger = logger
        self.plans = plans
        self.prices = prices
        self.governor = governor
        self.wall = wall
        self.tally = tally
        self.feed = feed
        self.limiters = limiters
        self.retryPolicy = retryPolicy
        self.onEvent = onEvent
        schemas = AnswerSchemas(logger: logger)
        executors = ExecutorRing(providers.executors)
    }

    /// Ends what is in the air, now and from now on, and waits no longer for room on the disk.
    func cut() {
        holdings.cut()
        store.waitForRoom(false)
    }

    func rescuer(_ worker: Worker, _ batches: [BatchID]?) -> Rescuer {
        Rescuer(run: self, worker: worker, batches: batches)
    }
}

extension RunContext {
    func tell(_ event: @autoclosure () -> RunEvent) {
        if let onEvent { onEvent(event()) }
    }
}

/// Deals out the executors on which the workers run, one after the other.
final class ExecutorRing: Sendable {
    private let executors: [any TaskExecutor]
    private let taken = Atomic(0)

    init(_ executors: [any TaskExecutor]) { self.executors = executors }

    /// Nil where there are none: then the common pool is used.
    func next() -> (any TaskExecutor)? {
        guard !executors.isEmpty else { return nil }
        return executors[taken.wrappingAdd(1, ordering: .relaxed).oldValue % executors.count]
    }
}

extension RunContext {
    /// What the jobs that lie ready and may not go wait for, in words.
    var heldUp: String? {
        guard let model = feed.closedLane?.model else { return nil }
        let isAsked = governor.askedWait(of: model) > .zero
        return isAsked ? "\(model.provider), which asked for a pause" : "the rate limit"
    }
}

/// Whether and why a run is to end early; the first reason stays.
final class Halt: Sendable {
    private struct State: Sendable {
        var reason: RunSummary.StopReason?
        var detail: String?
        /// When the run began to stop.
        var since: Timestamp?
        /// Batches whose jobs nobody can answer in this run.
        var closedBatches: Set<BatchID> = []
    }

    private let state = Mutex(State())

    func stop(_ reason: RunSummary.StopReason, _ detail: String?, at now: Timestamp) {
        state.withLock { state in
            guard state.reason == nil else { return }
            state.reason = reason
            state.detail = detail
            state.since = now
        }
    }

    /// Leases nothing more of this batch; the run goes on with the others.
    func close(_ batch: BatchID, _ detail: String) {
        state.withLock { state in
            state.closedBatches.insert(batch)
            if state.detail == nil { state.detail = detail }
        }
    }

    /// Leases from every batch again.
    func reopen() {
        state.withLock { state in
            state.closedBatches = []
            if state.reason == nil { state.detail = nil }
        }
    }

    var isStopping: Bool { state.withLock { $0.reason != nil } }
    var since: Timestamp? { state.withLock { $0.since } }
    var closedBatches: Set<BatchID> { state.withLock { $0.closedBatches } }

    /// The reason and the sentence that goes into the summary.
    var verdict: (reason: RunSummary.StopReason?, detail: String?) {
        state.withLock { state in
            (state.reason ?? (state.closedBatches.isEmpty ? nil : .providers), state.detail)
        }
    }
}
