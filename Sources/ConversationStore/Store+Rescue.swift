public import ParleyCore

extension Store {
    /// Takes the jobs of lost workers back.
    ///
    /// A worker is lost when it runs under the same host identity and its process is gone, or when it is not
    /// on the list any more; a lease is lost too when it ran out. A job that was not sent waits again. One
    /// that was is `unknown`, and so is its attempt; with ``UnknownPolicy/retry`` it then waits again in the
    /// same round, hence under the same idempotency key, and so do jobs that were left `unknown` before.
    public func rescue(
        _ policy: UnknownPolicy, from batches: [BatchID]? = nil
    ) async throws -> RescueReport {
        let now = time.now
        let filter = batches.map { Set($0) }
        let liveness = liveness
        return try await write { context in
            var report = RescueReport()
            let workers = try context.workers()
            let verdicts = workers.mapValues { liveness.verdict(on: $0.identity) }
            for job in try context.heldJobs() where filter?.contains(job.batch) ?? true {
                let verdict = verdicts[Array(job.lease.prefix(8))] ?? .gone
                guard verdict == .gone || job.leaseEnd <= now else { continue }
                if job.state == .sent {
                    try context.markUnknown(job, at: now)
                } else {
                    try context.putBack(job)
                    report.released += 1
                }
            }
            switch policy {
            case .retry: report.askedAgain = try context.askUnknownAgain(of: filter)
            case .hold: report.held = try context.countUnknown(of: filter)
            }
            report.workersLost = try context.removeLost(workers, verdicts, at: now)
            return report
        }
    }

    /// A worker whose process cannot be looked at is taken off the list after so long a silence.
    static let silenceMax = Duration.seconds(24 * 3600)
}

/// A job that some worker holds.
struct HeldJob {
    let id: Int64
    let batch: BatchID
    let state: JobState
    let lease: [UInt8]
    let leaseEnd: Timestamp
    let session: Int64?
}

extension WriteContext {
    func heldJobs() throws -> [HeldJob] {
        let find = try statement(
            """
            SELECT id, batch_id, state, lease, due_at, session_id FROM jobs
            WHERE lease IS NOT NULL AND due_at >= 0
            """)
        var jobs: [HeldJob] = []
        while try find.step() {
            jobs.append(
                HeldJob(
                    id: find.int(0), batch: BatchID(find.int(1)),
                    state: JobState(rawValue: find.text(2)) ?? .leased, lease: find.bytes(3),
                    leaseEnd: Timestamp(milliseconds: find.int(4)), session: find.optionalInt(5)))
        }
        return jobs
    }

    /// A leased job, never sent: waiting again, at once.
    func putBack(_ job: HeldJob) throws {
        let update = try statement(
            """
            UPDATE jobs SET
                lease = NULL,
                due_at = 0,
                state = CASE (SELECT state FROM batches WHERE id = batch_id)
                    WHEN 'cancelled' THEN 'cancelled' ELSE 'waiting' END
            WHERE id = ?1
            """)
        update.bind(1, job.id)
        try update.run()
    }

    /// A job in the air: nobody knows what became of its request.
    func markUnknown(_ job: HeldJob, at now: Timestamp) throws {
        let update = try statement(
            "UPDATE jobs SET state = 'unknown', lease = NULL, due_at = 0 WHERE id = ?1")
        update.bind(1, job.id)
        try update.run()
        guard let session = job.session else { return }
        try endAttempts(of: session, at: now)
        try setStatus("interrupted", of: session, at: now)
    }

    private func endAttempts(of session: Int64, at now: Timestamp) throws {
        let update = try statement(
            "UPDATE attempts SET state = 'unknown', ended_at = ?2 WHERE session_id = ?1 AND state = 'sent'")
        update.bind(1, session)
        update.bind(2, now.milliseconds)
        try update.run()
    }

    fileprivate func askUnknownAgain(of filter: Set<BatchID>?) throws -> Int {
        let update = try statement(
            """
            UPDATE jobs SET state = 'waiting', due_at = 0, rescues = rescues + 1
            WHERE batch_id = ?1 AND state = 'unknown'
            """)
        var count = 0
        for batch in try batchesInUse(among: filter) {
            update.bind(1, batch.number)
            try update.run()
            count += connection.changes
        }
        return count
    }

    fileprivate func countUnknown(of filter: Set<BatchID>?) throws -> Int {
        let find = try statement("SELECT count(*) FROM jobs WHERE batch_id = ?1 AND state = 'unknown'")
        var count = 0
        for batch in try batchesInUse(among: filter) {
            find.bind(1, batch.number)
            count += Int(try find.firstInt() ?? 0)
        }
        return count
    }

    private func batchesInUse(among filter: Set<BatchID>?) throws -> [BatchID] {
        let find = try statement("SELECT id FROM batches WHERE state <> 'cancelled'")
        var batches: [BatchID] = []
        while try find.step() { batches.append(BatchID(find.int(0))) }
        return batches.filter { filter?.contains($0) ?? true }
    }
}

/// A row of `workers`.
struct RegisteredWorker {
    let id: Int64
    let identity: WorkerIdentity
    let heartbeat: Timestamp
}

extension WriteContext {
    /// All registered workers by their tokens.
    fileprivate func workers() throws -> [[UInt8]: RegisteredWorker] {
        let find = try statement("SELECT token, id, host, pid, started, heartbeat_at FROM workers")
        var workers: [[UInt8]: RegisteredWorker] = [:]
        while try find.step() {
            workers[find.bytes(0)] = RegisteredWorker(
                id: find.int(1),
                identity: WorkerIdentity(
                    host: find.text(2), pid: Int32(find.int(3)), started: find.int(4)),
                heartbeat: Timestamp(milliseconds: find.int(5)))
        }
        return workers
    }

    /// Takes workers off the list that are gone and hold nothing any more.
    fileprivate func removeLost(
        _ workers: [[UInt8]: RegisteredWorker], _ verdicts: [[UInt8]: WorkerLiveness.Verdict],
        at now: Timestamp
    ) throws -> Int {
        let holding = Set(try heldJobs().map { Array($0.lease.prefix(8)) })
        let delete = try statement("DELETE FROM workers WHERE id = ?1")
        var gone = 0
        for (token, worker) in workers where !holding.contains(token) {
            let isSilent = now.since(worker.heartbeat) > Store.silenceMax
            switch verdicts[token] {
            case .gone: gone += 1
            case .unknowable where isSilent: gone += 1
            default: continue
            }
            delete.bind(1, worker.id)
            try delete.run()
        }
        return gone
    }
}
