public import ConversationStore
import Foundation
public import Logging
public import ParleyCore
public import ProviderStack
import Synchronization

/// Works through queued batches: leases, asks, settles, until nothing is left or it is stopped.
///
/// One runner runs once. Several, in one process or many, may share a database.
public final class BatchRunner: Sendable {
    private let store: Store
    private let providers: any ProviderSource
    private let settings: RunSettings
    private let retryPolicy: RetryPolicy
    private let time: TimeSource
    private let logger: Logger
    let onProgress: (@Sendable (RunProgress) -> Void)?
    private let onEvent: (@Sendable (RunEvent) -> Void)?
    private let live = Mutex<Live>(Live())

    /// The run that is going on, and whether a stop was asked for before it began.
    private struct Live: Sendable {
        var run: RunContext?
        var isStopped = false
    }

    /// How often progress is told, and the end of the grace period looked for.
    static let tickEvery = Duration.milliseconds(200)

    public init(
        store: Store, providers: any ProviderSource, settings: RunSettings,
        retryPolicy: RetryPolicy = RetryPolicy(), time: TimeSource = .system, logger: Logger,
        onProgress: (@Sendable (RunProgress) -> Void)? = nil,
        onEvent: (@Sendable (RunEvent) -> Void)? = nil
    ) {
        self.store = store
        self.providers = providers
        self.settings = settings
        self.retryPolicy = retryPolicy
        self.time = time
        self.logger = logger
        self.onProgress = onProgress
        self.onEvent = onEvent
    }

    /// Runs the batches, or with nil every open batch, and says what came of it.
    ///
    /// Throws what the store throws, and ``RunError`` when the run cannot begin. Jobs that fail and providers that refuse
    /// are no errors: the summary tells of them.
    public func run(batches: [BatchRecord]?) async throws -> RunSummary {
        let records: [BatchRecord] = if let batches { batches } else { try await store.batches() }
        let ids = batches?.map(\.id)
        let start = time.now
        let context = try await makeContext(records, of: ids, start: start)
        providers.listen { [governor = context.governor] in governor.hear($1, of: $0) }
        let wasStopped = live.withLock { live in
            live.run = context
            return live.isStopped
        }
        if wasStopped { await stop() }
        try await checkBudget(of: records, prices: context.prices)
        await closeUnusable(context)
        await shareLimits(of: context, among: context.plans.all.flatMap(\.models))
        try await tellStart(of: context, batches: ids)

        let worker = try await store.register(.current())
        do {
            try await context.rescuer(worker, ids).look()
            try await work(context, worker: worker, batches: ids)
            await shareLimits(of: context)
        } catch {
            try? await store.retire(worker)
            throw error
        }
        await retire(worker)
        await pruneFailedRequests()
        let summary = try await summary(of: context, batches: ids)
        context.tell(.ended(summary))
        return summary
    }

    /// Stops leasing; requests in the air may end within the grace period. What is not sent goes back to the queue.
    public func stop() async {
        let run = live.withLock { live in
            live.isStopped = true
            return live.run
        }
        guard let run else { return }
        run.halt.stop(.signal, nil, at: time.now)
        run.governor.stop()
        run.wall.stop()
        let left = run.withdrawAll()
        try? await run.store.release(left.map(\.lease), dueAt: time.now)
        run.holdings.drop(left)
    }

    /// Stops, and ends what is in the air at once. Partial texts are kept.
    public func stopNow() async {
        let run = live.withLock { $0.run }
        run?.cut()
        await stop()
    }
}

extension BatchRunner {
    /// The evidence of failures is bounded; that it could not be pruned fails no run.
    private func pruneFailedRequests() async {
        do {
            _ = try await store.pruneFailedRequests()
        } catch {
            logger.warning("old failed requests could not be pruned", metadata: ["error": "\(error)"])
        }
    }

    private func makeContext(
        _ records: [BatchRecord], of ids: [BatchID]?, start: Timestamp
    ) async throws -> RunContext {
        let budget = settings.budget.map { Budget(limit: $0, batches: ids) }
        let standing = if let budget { try await store.standing(of: budget) } else { BudgetStanding() }
        return RunContext(
            store: store, providers: providers, settings: settings, time: time, logger: logger,
            plans: try BatchPlans(records, providers: providers.names),
            prices: PriceBook(store: store, time: time),
            governor: Governor(
                settings: settings, retryAfterMax: retryPolicy.cap,
                account: { [providers] in providers.account(of: $0) }, memory: store, time: time,
                onMemoryFault: { [logger] in
                    logger.warning("places were taken without the database", metadata: ["error": "\($0)"])
                }),
            wall: BudgetWall(budget, standing: standing),
            tally: RunTally(start: start),
            feed: JobFeed(
                concurrency: settings.concurrency,
                cursorStart: settings.order == .cache ? settings.cursorStart : nil, time: time),
            limiters: BatchLimiters(time: time), retryPolicy: retryPolicy, onEvent: onEvent)
    }

    /// A wall needs a price: a budget over models without one could not be kept, unless they cost nobody anything.
    private func checkBudget(of records: [BatchRecord], prices: PriceBook) async throws {
        guard settings.budget != nil else { return }
        for record in records {
            for model in try BatchPlan(batch: record, providers: providers.names).models
            where !providers.billsNobody(model.provider) {
                if try await prices.price(of: model) == nil { throw RunError.budgetWithoutPrice(model) }
            }
        }
    }

    /// Closes the providers that lack a key or do not listen, before anything is leased.
    private func closeUnusable(_ run: RunContext) async {
        var models: Set<ModelName> = []
        for plan in run.plans.all {
            for model in plan.models {
                do {
                    _ = try providers.provider(for: model)
                    models.insert(model)
                } catch {
                    let failure = Failure(
                        kind: .unauthorized, provider: model.provider, message: "\(error)")
                    run.governor.close(model.provider, because: failure)
                }
            }
        }
        for failure in await providers.unreachable(among: Array(models)) {
            run.governor.close(failure.provider, because: failure)
        }
        for plan in run.plans.all where !plan.models.isEmpty && plan.settings.model != nil {
            let closures = plan.models.map { run.governor.closure(of: $0.provider) }
            guard let first = closures.first, let reason = first, closures.allSatisfy({ $0 != nil }) else {
                continue
            }
            run.halt.close(plan.batch.id, reason.message)
        }
    }

    /// A worker that cannot take itself off the list is taken off it by the next run.
    private func retire(_ worker: Worker) async {
        do {
            try await store.retire(worker)
        } catch {
            logger.warning("the end of the run could not be noted", metadata: ["error": "\(error)"])
        }
    }

    private func work(_ run: RunContext, worker: Worker, batches: [BatchID]?) async throws {
        store.waitForRoom(true)
        defer { store.waitForRoom(false) }
        let chunk = min(max(settings.concurrency * 2, 16), 1024)
        try await look(run, batches: batches)
        try await run.limiters.share(with: run.store)
        try await withThrowingTaskGroup(of: Void.self) { crew in
            crew.addTask { await Self.keepLeases(run, of: worker) }
            crew.addTask { await run.rescuer(worker, batches).watch() }
            crew.addTask { await self.keepLimits(run) }
            crew.addTask { await self.keepBudget(run, run.rescuer(worker, batches)) }
            crew.addTask { await self.tick(run, batches: batches) }
            crew.addTask { await run.settlements.work { await self.stop() } }
            crew.addTask { await self.steer(run, batches: batches) }
            crew.addTask { await run.copyAnswers() }
            crew.addTask { await run.watchElsewhere(worker, batches) }
            do {
                try await withThrowingDiscardingTaskGroup { hands in
                    hands.addTask {
                        try await self.endingTheRun(run) {
                            try await JobPump(run: run, worker: worker, batches: batches, chunk: chunk).work()
                        }
                    }
                    while let count = await run.feed.handsWanted() {
                        for _ in 0..<count {
                            let executor = run.executors.next()
                            hands.addTask(executorPreference: executor) {
                                try await self.endingTheRun(run) {
                                    try await JobWorker(run: run, executor: executor).work()
                                }
                            }
                        }
                    }
                }
                try await run.settlements.clear()
            } catch {
                try? await run.settlements.clear()
                crew.cancelAll()
                throw error
            }
            crew.cancelAll()
        }
    }

    /// One failure of the store ends the run. What is in the air may still be answered, and stored.
    private func endingTheRun(_ run: RunContext, _ work: () async throws -> Void) async throws {
        do {
            try await work()
        } catch {
            await stop()
            throw error
        }
    }

    /// Looks after the budget; see ``BudgetWall/keep(_:time:rescue:)``.
    private func keepBudget(_ run: RunContext, _ rescuer: Rescuer) async {
        await run.wall.keep(run.store, time: run.time) {
            do {
                try await rescuer.look()
            } catch {
                run.logger.warning("no jobs could be rescued", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Renews what is held, three times in the life of a lease.
    private static func keepLeases(_ run: RunContext, of worker: Worker) async {
        var lost = LostLeases()
        while (try? await run.time.sleep(for: run.settings.leaseDuration / 3)) != nil {
            do {
                let count = lost.count(
                    among: try await run.store.renew(
                        run.holdings.leases, of: worker, for: run.settings.leaseDuration))
                guard count > 0 else { continue }
                run.logger.warning("leases were lost", metadata: ["count": "\(count)"])
                run.tell(.leasesLost(count))
            } catch {
                run.logger.warning("leases could not be renewed", metadata: ["error": "\(error)"])
            }
        }
    }
}
