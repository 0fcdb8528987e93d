import GRDB
public import ParleyCore

extension Store {
    /// Hands out up to `count` jobs that are due, of open batches, for `duration`.
    ///
    /// Batches of a higher priority come first, then older ones; those whose deadline has passed do not come at
    /// all. Within a batch, jobs that were asked before and are due again come before those that never were,
    /// so that the end of a batch is not made of retries. A job that is due further ahead than ``waitMax`` is due
    /// now: no run makes a job wait so long, so the clock was set back since. Then they come in the order of the file,
    /// or as `order` says.
    public func lease(
        upTo count: Int, from batches: [BatchID]? = nil, except excluded: Set<BatchID> = [],
        by order: LeaseOrder = .arrival, worker: Worker, for duration: Duration
    ) async throws -> [LeasedJob] {
        precondition(count > 0, "at least one job must be asked for")
        let now = time.now
        return try await write { context in
            try context.freeExpiredLeases(at: now)
            var jobs: [LeasedJob] = []
            let ahead = (now + Self.waitMax).milliseconds + 1
            for batch in try context.dueBatches(at: now, orFrom: ahead)
            where !excluded.contains(batch) && batches?.contains(batch) ?? true {
                for dueAt in [1...max(1, now.milliseconds), ahead...Int64.max] where jobs.count < count {
                    jobs += try context.lease(
                        upTo: count - jobs.count, of: batch, dueAt: dueAt, worker: worker,
                        until: now + duration)
                }
                guard jobs.count < count else { break }
                var some: [LeasedJob] = []
                let orders = order.orders(of: batch)
                if let orders {
                    some = try context.lease(
                        upTo: count - jobs.count, of: batch, by: orders, worker: worker, until: now + duration
                    )
                }
                if some.isEmpty, orders?.takesOthers ?? true {
                    some = try context.lease(
                        upTo: count - jobs.count, of: batch, dueAt: 0...0, worker: worker,
                        until: now + duration)
                }
                jobs += some
                guard jobs.count < count else { break }
            }
            try context.countMates(of: &jobs)
            return jobs
        }
    }

    /// Longer than a retry or a provider's wish can make a job wait.
    static let waitMax = Duration.seconds(300)

    /// Prolongs all leases that a worker knows of, and says that it lives; gives back those that were lost.
    ///
    /// A worker that holds nothing is to say so too: others watch its heartbeat.
    public func renew(_ leases: [Lease], of worker: Worker, for duration: Duration) async throws -> [Lease] {
        return try await write { [time] context in
            let now = time.now
            let renew = try context.statement(
                "UPDATE jobs SET due_at = ?3 WHERE id = ?1 AND lease = ?2")
            let until = (now + duration).milliseconds
            var lost: [Lease] = []
            for lease in leases {
                renew.bind(1, lease.job.number)
                renew.bind(2, lease.token)
                renew.bind(3, until)
                try renew.run()
                if context.connection.changes == 0 { lost.append(lease) }
            }
            try context.noteHeartbeat(of: worker, at: now)
            return lost
        }
    }

    /// Gives jobs back that were leased and not sent; they wait until `dueAt`. Leases that were lost are
    /// passed over.
    public func release(_ leases: [Lease], dueAt: Timestamp) async throws {
        try await write { context in
            let release = try context.statement(
                """
                UPDATE jobs SET
                    lease = NULL,
                    due_at = ?3,
                    state = CASE (SELECT state FROM batches WHERE id = batch_id)
                        WHEN 'cancelled' THEN 'cancelled' ELSE 'waiting' END
                WHERE id = ?1 AND lease = ?2 AND state = 'leased'
                """)
            for lease in leases {
                release.bind(1, lease.job.number)
                release.bind(2, lease.token)
                release.bind(3, dueAt.milliseconds)
                try release.run()
            }
        }
    }

    /// The earliest moment at which a job of an open batch may run; in the past when one may run now, nil
    /// when none waits.
    public func nextDue(
        from batches: [BatchID]? = nil, except excluded: Set<BatchID> = []
    ) async throws -> Timestamp? {
        let filter = batches.map { Set($0) }
        return try await read { database in
            try Row.fetchAll(database, sql: Self.nextDueSQL)
                .filter { row in
                    let batch = BatchID(row[0])
                    return !excluded.contains(batch) && filter?.contains(batch) ?? true
                }
                .compactMap { $0[1] as Int64? }
                .min().map { Timestamp(milliseconds: $0) }
        }
    }

    static let nextDueSQL = """
        SELECT b.id, (SELECT min(due_at) FROM jobs WHERE batch_id = b.id AND state = 'waiting')
        FROM batches b WHERE b.state = 'open'
        """

    /// How many jobs of open batches are not finished.
    public func pending(
        from batches: [BatchID]? = nil, except excluded: Set<BatchID> = []
    ) async throws -> PendingCounts {
        let filter = batches.map { Set($0) }
        return try await read { database in
            let open = try Row.fetchAll(database, sql: "SELECT id, jobs FROM batches WHERE state = 'open'")
                .map { (batch: BatchID($0[0]), jobs: $0[1] as Int) }
                .filter { !excluded.contains($0.batch) && filter?.contains($0.batch) ?? true }
            let held = try JobCounts.held(in: database)
            var counts = PendingCounts()
            for (batch, jobs) in open {
                let states = try JobCounts.all(of: batch, jobs: jobs, held: held[batch] ?? [:], in: database)
                counts.waiting += states[.waiting] ?? 0
                counts.unknown += states[.unknown] ?? 0
                counts.leased += states[.leased] ?? 0
                counts.sent += states[.sent] ?? 0
            }
            return counts
        }
    }
}

extension WriteContext {
    /// A job that was leased, never sent, and not renewed is simply due again.
    fileprivate func freeExpiredLeases(at now: Timestamp) throws {
        let free = try statement(
            """
            UPDATE jobs SET
                lease = NULL,
                due_at = 0,
                state = CASE (SELECT state FROM batches WHERE id = batch_id)
                    WHEN 'cancelled' THEN 'cancelled' ELSE 'waiting' END
            WHERE lease IS NOT NULL AND due_at <= ?1 AND state = 'leased'
            """)
        free.bind(1, now.milliseconds)
        try free.run()
    }

    /// The open batches that have something to hand out, in the order in which they come.
    fileprivate func dueBatches(at now: Timestamp, orFrom ahead: Int64) throws -> [BatchID] {
        let find = try statement(
            """
            SELECT b.id FROM batches b
            WHERE b.state = 'open' AND (b.deadline IS NULL OR b.deadline > ?1)
                AND (
                    EXISTS (SELECT 1 FROM jobs WHERE batch_id = b.id AND state = 'waiting' AND due_at <= ?1)
                    OR EXISTS (
                        SELECT 1 FROM jobs WHERE batch_id = b.id AND state = 'waiting' AND due_at >= ?2))
            ORDER BY b.priority DESC, b.id
            """)
        find.bind(1, now.milliseconds)
        find.bind(2, ahead)
        var batches: [BatchID] = []
        while try find.step() { batches.append(BatchID(find.int(0))) }
        return batches
    }

    fileprivate func lease(
        upTo count: Int, of batch: BatchID, dueAt: ClosedRange<Int64>, worker: Worker, until end: Timestamp
    ) throws -> [LeasedJob] {
        let lease = try statement(
            """
            UPDATE jobs SET state = 'leased', lease = CAST(?1 || randomblob(8) AS BLOB), due_at = ?2
            WHERE id IN (
                SELECT id FROM jobs
                WHERE batch_id = ?3 AND state = 'waiting' AND due_at BETWEEN ?4 AND ?5
                ORDER BY due_at, id LIMIT ?6)
            RETURNING id, lease, job_key, input, attempts, round, candidate, session_id, line,
                (SELECT text FROM contents WHERE contents.id = system_id), prefix
            """)
        lease.bind(1, worker.token)
        lease.bind(2, end.milliseconds)
        lease.bind(3, batch.number)
        lease.bind(4, dueAt.lowerBound)
        lease.bind(5, dueAt.upperBound)
        lease.bind(6, count)
        var jobs: [LeasedJob] = []
        while try lease.step() { jobs.append(LeasedJob(lease, of: batch)) }
        // RETURNING promises no order.
        return jobs.sorted { $0.lease.job < $1.lease.job }
    }
}
