import ConversationStore
import ParleyCore

extension BatchRunner {
    /// Tells progress and what happened, and cuts what is in the air when the grace period is over; a last time when the
    /// work has ended.
    func tick(_ run: RunContext, batches: [BatchID]?) async {
        var lookout = Lookout(run, batches: batches)
        var disk = DiskTeller()
        var isOver = false
        while true {
            let now = run.time.now
            await lookout.count(at: now)
            run.feed.nudge()
            if let since = run.halt.since, now.since(since) >= run.settings.gracePeriod { run.cut() }
            disk.look(isFull: run.store.isWaitingForRoom, at: now, run.logger)
            let progress = lookout.progress(at: now)
            onProgress?(progress)
            if let onEvent = run.onEvent {
                for event in lookout.events(progress, at: now) { onEvent(event) }
            }
            if isOver { return }
            isOver = (try? await run.time.sleep(for: Self.tickEvery)) == nil
        }
    }

    func tellStart(of run: RunContext, batches: [BatchID]?) async throws {
        guard run.onEvent != nil else { return }
        let pending = try await run.store.pending(from: batches)
        run.tell(
            .started(
                batches: run.plans.all.map(\.batch.name).sorted(), settings: run.settings,
                open: pending.total))
    }

    func summary(
        of run: RunContext, batches: [BatchID]?
    ) async throws -> RunSummary {
        let progress = run.tally.progress(of: 0, at: run.time.now)
        let pending = try await run.store.pending(from: batches)
        var summary = RunSummary()
        summary.batches = run.plans.all.map(\.batch.name).sorted()
        summary.done = progress.done
        summary.failed = progress.failed
        summary.unknown = pending.unknown
        summary.waiting = pending.waiting + pending.leased
        summary.reused = progress.reused
        summary.requests = progress.requests
        summary.retries = progress.retries
        summary.held = min(run.rescues.held, summary.unknown)
        summary.rescued = run.rescues.askedAgain
        summary.seconds = progress.elapsed.seconds
        summary.waits = run.tally.waits
        summary.usage = progress.usage
        summary.cost = progress.cost
        summary.unpriced = progress.unpriced
        summary.budget = run.settings.budget
        summary.spent = run.wall.budget == nil ? progress.cost : run.wall.standing.spent
        let verdict = run.halt.verdict
        summary.stopped = verdict.reason
        summary.stopDetail = verdict.detail
        summary.failedExamples = run.tally.failedExamples
        summary.isSimulated = progress.isSimulated
        return summary
    }
}
