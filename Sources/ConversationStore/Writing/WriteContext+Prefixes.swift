import ParleyCore

/// Handing out jobs that share a beginning one after the other.
extension WriteContext {
    /// Jobs by their beginnings: more of those that are open, then new ones.
    ///
    /// Only jobs that were never asked come so; one that is due again is handed out before all others anyway.
    func lease(
        upTo count: Int, of batch: BatchID, by orders: PrefixOrders, worker: Worker, until end: Timestamp
    ) throws -> [LeasedJob] {
        var jobs: [LeasedJob] = []
        for order in orders.more where jobs.count < count {
            jobs += try lease(
                min(order.count, count - jobs.count), of: batch,
                order.keys, worker: worker, until: end)
        }
        var after = orders.after
        for _ in 0..<orders.beginnings where jobs.count < count && after < .max {
            var some = try lease(
                min(orders.jobsPerBeginning, count - jobs.count), of: batch, after + 1 ... .max,
                worker: worker, until: end)
            guard let last = some.last?.prefix else { break }
            for index in some.indices { some[index].opensBeginning = true }
            jobs += some
            after = last.number
        }
        return jobs
    }

    private func lease(
        _ count: Int, of batch: BatchID, _ keys: ClosedRange<Int64>, worker: Worker, until end: Timestamp
    ) throws -> [LeasedJob] {
        let lease = try statement(
            """
            UPDATE jobs SET state = 'leased', lease = CAST(?1 || randomblob(8) AS BLOB), due_at = ?2
            WHERE id IN (
                SELECT id FROM jobs
                WHERE batch_id = ?3 AND state = 'waiting' AND due_at = 0 AND prefix BETWEEN ?4 AND ?5
                ORDER BY prefix, id LIMIT ?6)
            RETURNING id, lease, job_key, input, attempts, round, candidate, session_id, line,
                (SELECT text FROM contents WHERE contents.id = system_id), prefix
            """)
        lease.bind(1, worker.token)
        lease.bind(2, end.milliseconds)
        lease.bind(3, batch.number)
        lease.bind(4, keys.lowerBound)
        lease.bind(5, keys.upperBound)
        lease.bind(6, count)
        var jobs: [LeasedJob] = []
        while try lease.step() { jobs.append(LeasedJob(lease, of: batch)) }
        // RETURNING promises no order.
        return jobs.sorted {
            ($0.prefix?.number ?? 0, $0.lease.job.number) < ($1.prefix?.number ?? 0, $1.lease.job.number)
        }
    }

    /// Says of each job with a key how many others still wait that share it.
    func countMates(of jobs: inout [LeasedJob]) throws {
        var known: [PrefixKey: PrefixMates] = [:]
        for index in jobs.indices {
            guard let key = jobs[index].prefix else { continue }
            let mates = try known[key] ?? countMates(of: key, in: jobs[index].batch)
            known[key] = mates
            jobs[index].mates = mates
        }
    }

    private func countMates(of key: PrefixKey, in batch: BatchID) throws -> PrefixMates {
        let long = try count(batch, key.number...key.number)
        return PrefixMates(short: key.hasLong ? try count(batch, key.siblings) : long, long: long)
    }

    private func count(_ batch: BatchID, _ keys: ClosedRange<Int64>) throws -> Int {
        let count = try statement(
            """
            SELECT count(*) FROM (
                SELECT 1 FROM jobs WHERE batch_id = ?1 AND state = 'waiting' AND prefix BETWEEN ?2 AND ?3
                LIMIT ?4)
            """)
        count.bind(1, batch.number)
        count.bind(2, keys.lowerBound)
        count.bind(3, keys.upperBound)
        count.bind(4, PrefixMates.countMax)
        return Int(try count.firstInt() ?? 0)
    }
}

extension LeasedJob {
    /// The row that a lease has returned.
    init(_ row: Statement, of batch: BatchID) {
        self.init(
            lease: Lease(job: JobID(row.int(0)), token: row.bytes(1)), batch: batch, key: row.text(2),
            input: row.text(3), rowSystem: row.optionalText(9), attempts: row.count(4), round: row.count(5),
            candidate: row.count(6), session: row.optionalInt(7).map { SessionID($0) },
            position: row.count(8), prefix: row.optionalInt(10).map { PrefixKey($0) })
    }
}
