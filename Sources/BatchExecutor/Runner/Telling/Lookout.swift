import ConversationStore
import ParleyCore
import ProviderStack

/// Looks at a run every so often: where it stands, what holds it up, and what has happened to its limits.
struct Lookout {
    let run: RunContext
    /// Nil = every batch.
    let batches: [BatchID]?

    /// How often the open jobs are counted again.
    private static let countEvery = Duration.seconds(5)
    /// How often somebody who has nothing to do looks for what it waits for.
    private static let idleCountEvery = Duration.seconds(1)
    /// The open jobs of more batches than this are counted together only.
    private static let batchesApartMax = 8
    /// So many models are looked at.
    private static let gaugesMax = 32

    private var count = OpenCount()
    /// All jobs of the run: those that are open and those that it has finished.
    private var total = SteadyCount()
    private var watch: GaugeWatch
    private var toldStop = false
    private var closedBatches: Set<BatchID> = []

    /// The open jobs when they were last counted.
    private struct OpenCount {
        var pending = PendingCounts()
        var byBatch: [BatchID: Int] = [:]
        var nextDue: Timestamp?
        /// A batch of this run that is paused, with work left.
        var paused: BatchID?
        var readAt: Timestamp?
    }

    init(_ run: RunContext, batches: [BatchID]?) {
        self.run = run
        self.batches = batches
        watch = GaugeWatch(
            own: RateLimits(requests: run.settings.requestsPerMinute, tokens: run.settings.tokensPerMinute))
    }

    /// Counts the open jobs again if it is time; a database that is busy is asked again at the next look.
    mutating func count(at now: Timestamp) async {
        let isIdle = run.holdings.isEmpty
        let pause = isIdle ? Self.idleCountEvery : Self.countEvery
        if let readAt = count.readAt, now.since(readAt) < pause, !total.isInDoubt { return }
        // Read in this order, what ends in between is missed and never counted twice.
        let finished = run.tally.finished
        guard let pending = try? await run.store.pending(from: batches) else { return }
        total.read(pending.waiting + pending.leased + pending.sent + finished)
        var new = OpenCount(pending: pending, readAt: now)
        let known = batches ?? run.plans.all.map(\.batch.id)
        if (2...Self.batchesApartMax).contains(known.count) {
            for batch in known {
                guard let part = try? await run.store.pending(from: [batch]) else { continue }
                new.byBatch[batch] = part.waiting + part.leased + part.sent
            }
        }
        if isIdle, pending.waiting > 0 { new.nextDue = (try? await run.store.nextDue(from: batches)) ?? nil }
        if isIdle, let paused = try? await run.store.pausedWithWork() {
            new.paused = run.board.seenOpen.intersection(paused).min()
        }
        count = new
    }

    /// Where the run stands now.
    func progress(at now: Timestamp) -> RunProgress {
        var progress = run.tally.progress(of: total.value ?? 0, openByBatch: count.byBatch, at: now)
        progress.gauges = gauges(progress.gauges, at: now)
        progress.budget = run.settings.budget
        progress.spent = run.wall.budget == nil ? progress.cost : run.wall.standing.spent
        progress.spentBefore = run.wall.spentBefore
        progress.waitingFor = run.tally.look(wait(progress, at: now), at: now)
        progress.isStopping = run.halt.isStopping
        if let since = run.halt.since {
            progress.graceLeft = max(.zero, run.settings.gracePeriod - now.since(since))
            progress.timeLeft = nil
            progress.projectedCost = nil
        }
        return progress
    }

    private func wait(_ progress: RunProgress, at now: Timestamp) -> RunWait? {
        if run.store.isWaitingForRoom { return RunWait(.disk) }
        if run.wall.isWaitedFor { return RunWait(.budget) }
        if let words = run.governor.waitingFor ?? run.heldUp {
            return run.governor.wait(for: words, among: progress.gauges)
        }
        return idleWait(progress, at: now)
    }

    /// The models that were asked, and those of the batches that could not be yet.
    private func gauges(_ asked: [LimitGauge], at now: Timestamp) -> [LimitGauge] {
        let known = Set(asked.map(\.model))
        let others = Set(run.plans.all.prefix(Self.gaugesMax).flatMap(\.models)).subtracting(known)
        return (asked + others.map { LimitGauge(model: $0) }).prefix(Self.gaugesMax)
            .map { gauge in
                var gauge = gauge
                run.governor.complete(&gauge, at: now)
                return gauge
            }
            .filter(\.isActive).sorted { $0.model.description < $1.model.description }
    }

    /// What somebody waits for who holds no job.
    private func idleWait(_ progress: RunProgress, at now: Timestamp) -> RunWait? {
        if progress.running == 0, !run.reuse.keysElsewhere.isEmpty { return RunWait(.otherProcess) }
        guard progress.running == 0, run.holdings.isEmpty, count.readAt != nil, !run.halt.isStopping else {
            return nil
        }
        if let due = count.nextDue, due > now { return RunWait(.retry, left: due.since(now)) }
        if count.pending.waiting > 0 { return nil }
        if count.pending.leased + count.pending.sent > 0 { return RunWait(.otherProcess) }
        if let paused = count.paused { return RunWait(.batchPaused(run.plans[paused]?.batch.name ?? "")) }
        return run.settings.watches ? RunWait(.newJobs) : nil
    }

    /// What happened since the look before.
    mutating func events(_ progress: RunProgress, at now: Timestamp) -> [RunEvent] {
        var events = watch.look(at: progress.gauges, now)
        let verdict = run.halt.verdict
        let closed = run.halt.closedBatches
        defer { closedBatches = closed }
        for batch in closed.subtracting(closedBatches).sorted() {
            let name = run.plans[batch]?.batch.name ?? ""
            events.append(.batchClosed(name, reason: verdict.detail ?? ""))
        }
        if !toldStop, run.halt.isStopping, let reason = verdict.reason {
            toldStop = true
            events.append(.stopping(reason, detail: verdict.detail))
        }
        return events
    }
}
