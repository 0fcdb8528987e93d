import GRDB
import ParleyCore

extension Store {
    /// Adds the rows that `rows` hands over to a batch, all in one transaction.
    ///
    /// The batch is made if there is none of that name; if there is, its settings must be the same. Whatever
    /// `rows` throws rolls everything back, the batch included. It runs on the calling thread and holds the
    /// write lock of the database meanwhile; another thread may feed it.
    public func enqueue(
        _ draft: BatchDraft, keeping mode: EnqueueMode = .store, rows: (inout DraftInserter) throws -> Void
    ) async throws -> EnqueueReport {
        try refuseIfReadOnly()
        let report = try enqueueHere(draft, mode: mode, rows: rows)
        if mode == .store, report.new > Self.rowsBeforeCheckpoint { try checkpoint() }
        return report
    }

    /// A larger file leaves a log that is worth emptying at once.
    static let rowsBeforeCheckpoint = 10_000

    private func enqueueHere(
        _ draft: BatchDraft, mode: EnqueueMode, rows: (inout DraftInserter) throws -> Void
    ) throws -> EnqueueReport {
        let now = time.now
        return try writer.alone(commits: mode == .store) { context in
            let batch = try batchID(for: draft, at: now, in: context)
            var inserter = try DraftInserter(batch: batch, name: draft.name, context: context)
            let placeholder = try context.reserveJobNumbers(in: batch)
            try rows(&inserter)
            try context.removeJob(placeholder)
            let jobs = try count(inserter, into: batch, context)
            return EnqueueReport(
                batch: BatchID(batch), name: draft.name, new: inserter.new, known: inserter.known, jobs: jobs,
                problems: inserter.problems, problemsCount: inserter.problemsCount)
        }
    }

    /// The batch of that name, made if there is none.
    private func batchID(
        for draft: BatchDraft, at now: Timestamp, in context: WriteContext
    ) throws -> Int64 {
        let find = try context.statement(
            """
            SELECT b.id, b.settings, c.text
            FROM batches b LEFT JOIN contents c ON c.id = b.system_id
            WHERE b.name = ?1
            """)
        find.bind(1, draft.name)
        if try find.step() {
            let storedText = find.text(1)
            let settings = BatchSettings(
                json: try JSON(parsing: storedText), system: find.optionalText(2))
            let differences = settings.differences(from: draft.settings)
            guard differences.isEmpty else {
                throw StoreError.batchDiffers(name: draft.name, fields: differences)
            }
            let batch = find.int(0)
            find.reset()
            try context.requireUnpruned(BatchID(batch))
            try update(batch, settings, storedText, with: draft, in: context)
            return batch
        }
        let system = try draft.settings.system.map { try context.contentID(of: $0) }
        let insert = try context.statement(
            """
            INSERT INTO batches (name, priority, settings, system_id, source, created_at, deadline)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """)
        insert.bind(1, draft.name)
        insert.bind(2, draft.priority ?? 0)
        insert.bind(3, draft.settings.json.text())
        insert.bind(4, system)
        insert.bind(5, draft.source)
        insert.bind(6, now.milliseconds)
        insert.bind(7, draft.deadline?.milliseconds)
        try insert.run()
        return context.connection.lastInsertedID
    }

    /// What a batch's jobs mean never changes; how they are run does: the last word holds.
    private func update(
        _ batch: Int64, _ stored: BatchSettings, _ storedText: String, with draft: BatchDraft,
        in context: WriteContext
    ) throws {
        var settings = stored
        settings.limits = stored.limits.overlaid(by: draft.settings.limits)
        let update = try context.statement(
            """
            UPDATE batches SET
                settings = ?2, priority = coalesce(?3, priority), deadline = coalesce(?4, deadline),
                revision = revision + 1
            WHERE id = ?1 AND (
                settings <> ?2 OR priority <> coalesce(?3, priority)
                OR deadline IS NOT coalesce(?4, deadline))
            """)
        update.bind(1, batch)
        update.bind(2, settings == stored ? storedText : settings.json.text())
        update.bind(3, draft.priority.map { Int64($0) })
        update.bind(4, draft.deadline?.milliseconds)
        try update.run()
    }

    /// Brings the batch's count and the range of its jobs up to date. New rows open a cancelled batch again:
    /// they are wanted, or they would not have been enqueued.
    private func count(_ inserter: DraftInserter, into batch: Int64, _ context: WriteContext) throws -> Int {
        if let first = inserter.firstJob, let last = inserter.lastJob {
            let update = try context.statement(
                """
                UPDATE batches SET
                    jobs = jobs + ?2,
                    first_job_id = min(coalesce(first_job_id, ?3), ?3),
                    last_job_id = max(coalesce(last_job_id, ?4), ?4),
                    state = CASE state WHEN 'cancelled' THEN 'open' ELSE state END
                WHERE id = ?1
                """)
            update.bind(1, batch)
            update.bind(2, inserter.new)
            update.bind(3, first)
            update.bind(4, last)
            try update.run()
        }
        let jobs = try context.statement("SELECT jobs FROM batches WHERE id = ?1")
        jobs.bind(1, batch)
        return Int(try jobs.firstInt() ?? 0)
    }
}
