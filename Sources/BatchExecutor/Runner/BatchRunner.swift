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
        onProgress: (@Sendable (RunProgress) -> Void)? = nil
    ) {
        self.store = store
        self.providers = providers
        self.settings = settings
        self.retryPolicy = retryPolicy
        self.time = time
        self.logger = logger
        self.onProgress = onProgress
    }

    /// Runs the batches, or with nil every open batch, and says what came of it.
    ///
    /// Throws what the store throws, and ``RunError`` when the run cannot begin. Jobs that fail and providers that refuse
    /// are no errors: the summary tells of them.
    public func run(batches: [BatchRecord]?) async throws -> RunSummary {
        let records: [BatchRecord] = if let batches { batches } else { try await store.batches() }
        let ids = batches?.map(\.id)
        let start = time.now
        let context = try await makeContext(records, start: start)
        let wasStopped = live.withLock { live in
            live.run = context
            return live.isStopped
        }
        if wasStopped { await stop() }
        try await checkBudget(of: records, prices: context.prices)
        await closeUnusable(context)
        await shareLimits(of: context, among: context.plans.all.flatMap(\.models))

        let worker = try await store.register(.current())
        var rescued = RescueReport()
        do {
            rescued = try await store.rescue(settings.unknownPolicy, from: ids)
            try await work(context, worker: worker, batches: ids)
            await shareLimits(of: context)
        } catch {
            try? await store.retire(worker)
            throw error
        }
        try await store.retire(worker)
        await pruneFailedRequests()
        return try await summary(of: context, batches: ids, rescued: rescued)
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
        let left = await run.feed.finish()
        try? await run.store.release(left.map(\.lease), dueAt: time.now)
        run.holdings.drop(left)
    }

    /// Stops, and ends what is in the air at once. Partial texts are kept.
    public func stopNow() async {
        let run = live.withLock { $0.run }
        run?.holdings.cut()
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

    private func makeContext(_ records: [BatchRecord], start: Timestamp) async throws -> RunContext {
        let spent = try await store.status(of: records.map(\.name)).reduce(Picodollars.zero) { $0 + $1.cost }
        return RunContext(
            store: store, providers: providers, settings: settings, time: time, logger: logger,
            plans: try BatchPlans(records, providers: providers.names),
            prices: PriceBook(store: store, time: time),
            governor: Governor(
                settings: settings, spent: spent, retryAfterMax: retryPolicy.cap,
                account: { [providers] in providers.account(of: $0) }, time: time),
            tally: RunTally(start: start),
            feed: JobFeed(refillAt: settings.concurrency), retryPolicy: retryPolicy)
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

    private func work(_ run: RunContext, worker: Worker, batches: [BatchID]?) async throws {
        let chunk = min(max(settings.concurrency * 2, 16), 1024)
        try await withThrowingTaskGroup(of: Void.self) { crew in
            crew.addTask { try await Self.keepLeases(run) }
            crew.addTask { await self.keepLimits(run) }
            crew.addTask { await self.tick(run, batches: batches) }
            do {
                try await withThrowingTaskGroup(of: Void.self) { workers in
                    workers.addTask {
                        try await JobPump(run: run, worker: worker, batches: batches, chunk: chunk).work()
                    }
                    for _ in 0..<settings.concurrency {
                        workers.addTask { try await JobWorker(run: run).work() }
                    }
                    do {
                        try await workers.waitForAll()
                    } catch {
                        // One failure of the store ends the run: let nobody wait for it.
                        run.holdings.cut()
                        await self.stop()
                        throw error
                    }
                }
            } catch {
                crew.cancelAll()
                throw error
            }
            crew.cancelAll()
        }
        onProgress?(run.tally.progress(open: 0, at: time.now))
    }

    /// Renews what is held, three times in the life of a lease.
    private static func keepLeases(_ run: RunContext) async throws {
        while (try? await run.time.sleep(for: run.settings.leaseDuration / 3)) != nil {
            do {
                let lost = try await run.store.renew(run.holdings.leases, for: run.settings.leaseDuration)
                guard !lost.isEmpty else { continue }
                run.logger.warning("leases were lost", metadata: ["count": "\(lost.count)"])
            } catch {
                run.logger.warning("leases could not be renewed", metadata: ["error": "\(error)"])
            }
        }
    }
}
