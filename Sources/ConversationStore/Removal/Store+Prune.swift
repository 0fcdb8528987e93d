import GRDB
public import ParleyCore

extension Store {
    /// What a pruning would remove: conversations by hand that were last changed before `moment`, and batches whose jobs are
    /// all over and in which nothing has happened since. Reads all of that.
    public func prunePlan(olderThan moment: Timestamp) async throws -> PrunePlan {
        try await read { try PruneReader(olderThan: moment).plan(in: $0) }
    }

    /// Removes what ``prunePlan(olderThan:)`` names, in steps that let others write in between. Whatever an earlier pruning
    /// left is removed first.
    ///
    /// What it cost stays in every sum and report; a batch stays by name, and the same file is not taken under that name again.
    /// Nothing of which anybody might still want an answer, or an answer to the question whether it was billed, is
    /// removed. It can be interrupted at any moment and called again.
    @discardableResult
    public func prune(
        olderThan moment: Timestamp, progress: @Sendable (PruneReport) -> Void = { _ in }
    ) async throws -> PruneReport {
        var report = PruneReport()
        while case let count = try await removeSomeChats(olderThan: moment), count > 0 {
            report.chats += count
            progress(report)
        }
        let batches = try await prunePlan(olderThan: moment).batches
        for batch in batches {
            guard try await mark(batch.id, olderThan: moment) else { continue }
            while case let count = try await removeSomeJobs(of: batch.id), count > 0 {
                report.jobs += count
                progress(report)
            }
            report.batches += 1
            progress(report)
        }
        report.wipe = try await wipe()
        return report
    }

    private func removeSomeChats(olderThan moment: Timestamp) async throws -> Int {
        try await write { context in try context.removeChats(olderThan: moment) }
    }

    private func removeSomeJobs(of batch: BatchID) async throws -> Int {
        try await write { context in try context.removeJobs(of: batch) }
    }

    private func mark(_ batch: BatchID, olderThan moment: Timestamp) async throws -> Bool {
        let now = time.now
        return try await write { context in try context.markPruned(batch, olderThan: moment, at: now) }
    }

    /// The first step of a pruning, for tests of what an interruption leaves.
    func pruneOneStep(of batch: BatchID, olderThan moment: Timestamp) async throws -> Int {
        guard try await mark(batch, olderThan: moment) else { return 0 }
        return try await removeSomeJobs(of: batch)
    }

    /// The batch of that name, as ``requireBatch(named:)``; one whose jobs and answers were removed is an error.
    public func requireUnpruned(named name: String) async throws -> BatchRecord {
        let batch = try await requireBatch(named: name)
        guard batch.prunedAt == nil else { throw StoreError.batchPruned(name: name) }
        return batch
    }

    /// So many conversations, or jobs with theirs, are removed in one transaction.
    static let removedAtOnce = 200
}

extension WriteContext {
    /// Gives how many were removed; none when there is none left.
    fileprivate func removeChats(olderThan moment: Timestamp) throws -> Int {
        let find = try statement(
            """
            SELECT s.id FROM sessions s
            WHERE s.job_id IS NULL AND s.updated_at < ?1
                AND NOT EXISTS (SELECT 1 FROM open_turns t WHERE t.session_id = s.id)
                AND NOT EXISTS (
                    SELECT 1 FROM attempts a
                    WHERE a.session_id = s.id AND (a.state = 'sent' OR a.state = 'unknown'))
            ORDER BY s.updated_at LIMIT ?2
            """)
        find.bind(1, moment.milliseconds)
        find.bind(2, Store.removedAtOnce)
        var sessions: [Int64] = []
        while try find.step() { sessions.append(find.int(0)) }
        for session in sessions { try removeSession(session) }
        if !sessions.isEmpty { try noteRemains() }
        return sessions.count
    }

    /// From here on the batch is pruned: its jobs are removed, however often that is interrupted. False when it is
    /// wanted again, or something of it is not over after all.
    fileprivate func markPruned(_ batch: BatchID, olderThan moment: Timestamp, at now: Timestamp) throws
        -> Bool
    {
        let mark = try statement(
            """
            UPDATE batches SET
                pruned_at = ?2,
                pruned_failed = (SELECT count(*) FROM jobs WHERE batch_id = ?1 AND state = 'failed'),
                pruned_cancelled = (SELECT count(*) FROM jobs WHERE batch_id = ?1 AND state = 'cancelled'),
                revision = revision + 1
            WHERE id = ?1 AND pruned_at IS NULL
                AND NOT EXISTS (SELECT 1 FROM jobs WHERE batch_id = ?1 AND state = 'waiting')
                AND NOT EXISTS (SELECT 1 FROM jobs WHERE lease IS NOT NULL AND due_at >= 0 AND batch_id = ?1)
                AND NOT EXISTS (SELECT 1 FROM jobs WHERE batch_id = ?1 AND state = 'unknown')
                AND NOT EXISTS (SELECT 1 FROM attempts WHERE batch_id = ?1 AND state = 'unknown')
                AND coalesce((SELECT max(hour) + 3600000 FROM usage_rollups WHERE batch_id = ?1), 0) < ?3
            """)
        mark.bind(1, batch.number)
        mark.bind(2, now.milliseconds)
        mark.bind(3, moment.milliseconds)
        try mark.run()
        if connection.changes == 1 { return true }
        let find = try statement("SELECT 1 FROM batches WHERE id = ?1 AND pruned_at IS NOT NULL")
        find.bind(1, batch.number)
        return try find.firstInt() != nil
    }

    /// Removes some jobs of a pruned batch, with their conversations; gives how many.
    fileprivate func removeJobs(of batch: BatchID) throws -> Int {
        let find = try statement(
            """
            SELECT j.id, s.id FROM jobs j LEFT JOIN sessions s ON s.job_id = j.id
            WHERE j.batch_id = ?1 AND EXISTS (SELECT 1 FROM batches b WHERE b.id = ?1 AND b.pruned_at IS NOT NULL)
            LIMIT ?2
            """)
        find.bind(1, batch.number)
        find.bind(2, Store.removedAtOnce)
        var jobs: [(job: Int64, session: Int64?)] = []
        while try find.step() { jobs.append((find.int(0), find.optionalInt(1))) }
        let delete = try statement("DELETE FROM jobs WHERE id = ?1")
        for (job, session) in jobs {
            if let session { try removeSession(session) }
            delete.bind(1, job)
            try delete.run()
        }
        if !jobs.isEmpty { try noteRemains() }
        return jobs.count
    }

    /// Jobs that were removed leave their numbers unused: a number goes into idempotency keys, and one that was sent under it
    /// must not stand for another request. A row that takes the last number keeps them until the new jobs are in.
    func reserveJobNumbers(in batch: Int64) throws -> Int64? {
        let given = try statement("SELECT max(last_job_id) FROM batches").firstInt() ?? 0
        let last = try statement("SELECT max(id) FROM jobs").firstInt() ?? 0
        guard given > last else { return nil }
        let insert = try statement(
            "INSERT INTO jobs (id, batch_id, job_key, line, input) VALUES (?1, ?2, ?3, 0, '{}')")
        insert.bind(1, given)
        insert.bind(2, batch)
        insert.bind(3, "\u{1}reserved")
        try insert.run()
        return given
    }

    func removeJob(_ job: Int64?) throws {
        guard let job else { return }
        let delete = try statement("DELETE FROM jobs WHERE id = ?1")
        delete.bind(1, job)
        try delete.run()
    }

    /// The answers of a pruned batch are gone, so nothing of it is asked again by accident.
    func requireUnpruned(_ batch: BatchID) throws {
        let find = try statement("SELECT name FROM batches WHERE id = ?1 AND pruned_at IS NOT NULL")
        find.bind(1, batch.number)
        guard try find.step() else { return }
        defer { find.reset() }
        throw StoreError.batchPruned(name: find.text(0))
    }
}
