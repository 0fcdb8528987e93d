import ConversationStore
import Logging
import ParleyCore

/// Keeps the feed filled with leased jobs, and ends it when nothing is left to do.
struct JobPump: Sendable {
    /// How often it looks for work while there is none.
    private static let lookEvery = Duration.milliseconds(100)
    private static let lookEveryIdle = Duration.milliseconds(500)
    /// How often the jobs of workers that died are looked for while we wait for them.
    private static let rescueEvery = Duration.seconds(1)

    let run: RunContext
    let worker: Worker
    /// Nil = every batch, those to come included.
    let batches: [BatchID]?
    let chunk: Int

    func work() async throws {
        do {
            try await fill()
        } catch {
            await end()
            throw error
        }
        await end()
    }

    private func fill() async throws {
        var rescuedAt = run.time.now
        while !run.halt.isStopping {
            await run.feed.starved()
            if run.halt.isStopping { return }
            let open = openBatches
            if open?.isEmpty == true { return }
            let jobs = try await run.store.lease(
                upTo: chunk, from: open, worker: worker, for: run.settings.leaseDuration)
            if !jobs.isEmpty {
                try await hand(out: jobs)
                continue
            }
            let now = run.time.now
            if now.since(rescuedAt) >= Self.rescueEvery {
                rescuedAt = now
                _ = try await run.store.rescue(run.settings.unknownPolicy, from: open)
            }
            guard let wait = try await waitForWork(in: open, at: now) else { return }
            try? await run.time.sleep(for: wait)
        }
    }

    /// How long to sleep before looking again; nil when there is nothing to wait for.
    private func waitForWork(in open: [BatchID]?, at now: Timestamp) async throws -> Duration? {
        if !run.holdings.isEmpty { return Self.lookEvery }
        if let due = try await run.store.nextDue(from: open) {
            return min(max(due.since(now), .milliseconds(1)), Self.lookEvery)
        }
        // What another process holds is waited for: "all done" must be true for whoever asked us.
        let pending = try await run.store.pending(from: open)
        if pending.leased + pending.sent > 0 { return Self.lookEveryIdle }
        return run.settings.watches ? Self.lookEveryIdle : nil
    }

    private func hand(out jobs: [LeasedJob]) async throws {
        run.holdings.take(jobs)
        if jobs.contains(where: { run.plans[$0.batch] == nil }) {
            try run.plans.add(try await run.store.batches())
        }
        await run.feed.add(jobs)
    }

    private var openBatches: [BatchID]? {
        let closed = run.halt.closedBatches
        guard !closed.isEmpty else { return batches }
        return (batches ?? run.plans.all.map(\.batch.id)).filter { !closed.contains($0) }
    }

    /// Ends the feed and gives back what nobody took.
    private func end() async {
        let left = await run.feed.finish()
        guard !left.isEmpty else { return }
        do {
            try await run.store.release(left.map(\.lease), dueAt: run.time.now)
        } catch {
            run.logger.warning("jobs will be free when their lease runs out", metadata: ["error": "\(error)"])
        }
        run.holdings.drop(left)
    }
}
