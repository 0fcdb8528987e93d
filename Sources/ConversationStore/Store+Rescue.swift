public import ParleyCore
import Synchronization

extension Store {
    /// Takes the jobs of lost workers back.
    ///
    /// A worker is lost when it runs under the same host identity and its process is gone, or when it is not
    /// on the list any more; else when it has been silent for the length of its lease while this store looked
    /// (see ``LeaseWatch``), so whoever wants to learn of it must call again and again. `worker` is the caller's own,
    /// who knows best whether it lives.
    ///
    /// A job that was not sent waits again. One that was is `unknown`, and so is its attempt; with
    /// ``UnknownPolicy/retry`` it then waits again in the same round, hence under the same idempotency key, and so do
    /// jobs that were left `unknown` before. A job that has used up its requests stays `unknown`: it may be what
    /// its workers die of.
    public func rescue(
        _ policy: UnknownPolicy, from batches: [BatchID]? = nil, by worker: Worker? = nil
    ) async throws -> RescueReport {
        let filter = batches.map { Set($0) }
        return try await write { [self] context in
            // The moment at which the lock was had, not the one at which it was wanted.
            let now = time.now
            var report = RescueReport()
            let workers = try context.workers()
            let verdicts = workers.mapValues { liveness.verdict(on: $0.identity) }
            let watch = leaseWatch.withLock { watch in
                watch.look(at: workers.mapValues(\.heartbeat), at: now)
                return watch
            }
            for job in try context.heldJobs() where filter?.contains(job.batch) ?? true {
                let holder = Array(job.lease.prefix(8))
                let verdict = verdicts[holder] ?? .gone
                let isOver =
                    holder == worker?.token
                    ? watch.isForgotten(holder, end: job.leaseEnd) : watch.isOver(holder, end: job.leaseEnd)
                guard verdict == .gone || isOver else { continue }
                if job.state == .sent {
                    try context.markUnknown(job, at: now)
                } else {
                    try context.putBack(job)
                    report.released += 1
                }
            }
            switch policy {
            case .retry: report.askedAgain = try context.askUnknownAgain(of: filter)
            case .hold: break
            }
            report.held = try context.countUnknown(of: filter)
            report.workersLost = try context.removeLost(workers, verdicts, watch, at: now)
            return report
        }
    }

    /// A worker whose process cannot be looked at is taken off the list after so long a silence, if it was silent too
    /// while we watched for the longest lease.
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

    func endAttempts(of session: Int64, at now: Timestamp) throws {
        let update = try statement(
            """
            UPDATE attempts SET state = 'unknown', ended_at = ?2 WHERE session_id = ?1 AND state = 'sent'
            RETURNING batch_id, reserved
            """)
        update.bind(1, session)
        update.bind(2, now.milliseconds)
        while try update.step() {
            // It may have been billed, so it stays reserved.
            guard let amount = update.optionalInt(1).map({ Picodollars($0) }) else { continue }
            release(
                Reservation(amount: amount, isInAir: true), of: BatchID(update.int(0)), keeping: amount)
        }
    }

    fileprivate func askUnknownAgain(of filter: Set<BatchID>?) throws -> Int {
        let update = try statement(
            """
            UPDATE jobs SET state = 'waiting', due_at = 0, rescues = rescues + 1
            WHERE batch_id = ?1 AND state = 'unknown' AND attempts < ?2
            """)
        var count = 0
        for (batch, attemptsMax) in try batchesInUse(among: filter) {
            update.bind(1, batch.number)
            update.bind(2, attemptsMax)
            try update.run()
            count += connection.changes
        }
        return count
    }

    fileprivate func countUnknown(of filter: Set<BatchID>?) throws -> Int {
        let find = try statement("SELECT count(*) FROM jobs WHERE batch_id = ?1 AND state = 'unknown'")
        var count = 0
        for (batch, _) in try batchesInUse(among: filter) {
            find.bind(1, batch.number)
            count += Int(try find.firstInt() ?? 0)
        }
        return count
    }

    /// The batches that are not cancelled, and how many requests a job of each may cost.
    private func batchesInUse(
        among filter: Set<BatchID>?
    ) throws -> [(batch: BatchID, attemptsMax: Int)] {
        let find = try statement(
            "SELECT id, settings ->> '$.max_attempts' FROM batches WHERE state <> 'cancelled'")
        var batches: [(BatchID, Int)] = []
        while try find.step() {
            let attemptsMax = find.optionalInt(1).map { Int($0) } ?? BatchSettings.attemptsMaxDefault
            batches.append((BatchID(find.int(0)), attemptsMax))
        }
        return batches.filter { filter?.contains($0.0) ?? true }
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
        _ watch: LeaseWatch, at now: Timestamp
    ) throws -> Int {
        let holding = Set(try heldJobs().map { Array($0.lease.prefix(8)) })
        let delete = try statement("DELETE FROM workers WHERE id = ?1")
        var gone = 0
        for (token, worker) in workers where !holding.contains(token) {
            let isSilent =
                now.since(worker.heartbeat) > Store.silenceMax
                && watch.silence(of: token) >= LeaseWatch.termMax
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
