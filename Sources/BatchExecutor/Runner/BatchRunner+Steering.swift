import ConversationStore
import Logging
import ParleyCore

// What people do to the batches while they are worked on, from this process or another.
extension BatchRunner {
    /// How often it is looked whether a batch was paused, cancelled, enqueued or changed: often enough to be felt within a
    /// second, seldom enough to cost nothing (one small table is read).
    private static let steerEvery = Duration.milliseconds(250)

    /// Looks until the task is cancelled.
    func steer(_ run: RunContext, batches: [BatchID]?) async {
        while (try? await run.time.sleep(for: Self.steerEvery)) != nil {
            do {
                try await look(run, batches: batches)
                try await run.limiters.share(with: run.store)
            } catch {
                run.logger.warning("the batches could not be looked at", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Brings the run in line with what the batches are now.
    ///
    /// That nothing of a paused or cancelled batch is sent is not decided here: whoever pauses takes the leases back, so an
    /// attempt to send fails in the database. This only clears away what would fail.
    func look(_ run: RunContext, batches: [BatchID]?) async throws {
        var positions = try await run.store.positions()
        if let batches { positions = positions.filter { batches.contains($0.id) } }
        let news = run.board.update(positions)
        if !news.unread.isEmpty {
            let records = try await run.store.batches().filter { news.unread.contains($0.id) }
            try run.plans.set(records)
            for record in records {
                run.feed.setLimit(record.settings.limits.concurrency, of: record.id)
                run.limiters.set(record.settings.limits, of: record.id)
            }
        }
        if news.hasChanges { try await run.catchUpWithKnownRequests() }
        run.feed.setPriorities(run.board.priorities)
        for batch in news.shut { run.holdings.drop(run.withdraw(batch)) }
        let overdue = run.board.overdue(at: run.time.now)
        for batch in overdue {
            let left = run.withdraw(batch)
            guard !left.isEmpty else { continue }
            try await run.store.release(left.map(\.lease), dueAt: run.time.now)
            run.holdings.drop(left)
        }
        if news.hasChanges || !overdue.isEmpty { run.feed.stir() }
    }
}
