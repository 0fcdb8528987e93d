import ConversationStore
import ParleyCore

extension BatchRunner {
    /// How often the number of open jobs is read again.
    private static let countEvery = Duration.seconds(5)

    /// Tells progress, and cuts what is in the air when the grace period is over.
    func tick(_ run: RunContext, batches: [BatchID]?) async {
        var count = OpenCount()
        while true {
            let now = run.time.now
            if count.readAt.map({ now.since($0) >= Self.countEvery }) ?? true {
                if let pending = try? await run.store.pending(from: batches) {
                    count = OpenCount(
                        open: pending.waiting + pending.leased, readAt: now, finished: finished(run))
                }
            }
            if let since = run.halt.since, now.since(since) >= run.settings.gracePeriod { run.holdings.cut() }
            tell(run, open: count, at: now)
            if (try? await run.time.sleep(for: Self.tickEvery)) == nil { return }
        }
    }

    /// The open jobs when they were last counted, and how many this run had finished then.
    private struct OpenCount {
        var open = 0
        var readAt: Timestamp?
        var finished = 0
    }

    private func finished(_ run: RunContext) -> Int {
        let progress = run.tally.progress(open: 0, at: run.time.now)
        return progress.done + progress.failed + progress.unknown + progress.running
    }

    private func tell(_ run: RunContext, open: OpenCount, at now: Timestamp) {
        var progress = run.tally.progress(open: open.open - (finished(run) - open.finished), at: now)
        progress.waitingFor = run.governor.waitingFor
        progress.isStopping = run.halt.isStopping
        onProgress?(progress)
    }

    func summary(
        of run: RunContext, batches: [BatchID]?, rescued: RescueReport
    ) async throws -> RunSummary {
        let progress = run.tally.progress(open: 0, at: run.time.now)
        let pending = try await run.store.pending(from: batches)
        var summary = RunSummary()
        summary.batches = run.plans.all.map(\.batch.name).sorted()
        summary.done = progress.done
        summary.failed = progress.failed
        summary.unknown = pending.unknown
        summary.waiting = pending.waiting + pending.leased
        summary.requests = progress.requests
        summary.retries = progress.retries
        summary.rescued = rescued.askedAgain
        summary.seconds = progress.elapsed.seconds
        summary.usage = progress.usage
        summary.cost = progress.cost
        summary.unpriced = progress.unpriced
        let verdict = run.halt.verdict
        summary.stopped = verdict.reason
        summary.stopDetail = verdict.detail
        summary.failedExamples = run.tally.failedExamples
        summary.isSimulated = progress.isSimulated
        return summary
    }
}
