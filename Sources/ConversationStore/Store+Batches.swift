import GRDB
public import ParleyCore

extension Store {
    public func batch(named name: String) async throws -> BatchRecord? {
        try await read { database in
            try Row.fetchOne(
                database, SQLRequest(literal: "\(BatchRecord.select) WHERE b.name = \(name)")
            ).map { try BatchRecord($0) }
        }
    }

    /// The batch of that name; if there is none, the error names the nearest.
    public func requireBatch(named name: String) async throws -> BatchRecord {
        if let batch = try await batch(named: name) { return batch }
        let nearest = NameDistance.nearest(to: name, among: try await batches().map(\.name))
        throw StoreError.batchUnknown(name: name, nearest: nearest)
    }

    /// All batches, the oldest first.
    public func batches() async throws -> [BatchRecord] {
        try await read { try BatchRecord.fetchAll($0) }
    }

    /// How far the named batches are, or all; a name that there is not is an error.
    public func status(of names: [String]? = nil) async throws -> [BatchStatus] {
        for name in names ?? [] { _ = try await requireBatch(named: name) }
        return try await read { database in
            let held = try JobCounts.held(in: database)
            return try BatchRecord.fetchAll(database)
                .filter { names?.contains($0.name) ?? true }
                .map { try BatchStatus(of: $0, held: held[$0.id] ?? [:], in: database) }
        }
    }

    /// Sends no more jobs of an open batch; gives how many wait.
    ///
    /// Jobs that workers hold and have not sent are taken from them in the same transaction, so from its commit
    /// on nothing more is sent, whatever the workers know. What is in the air is finished.
    @discardableResult
    public func pause(batch: BatchID) async throws -> Int {
        try await write { context in
            try context.takeLeases(of: batch, to: "waiting")
            return try context.change(batch, from: "open", to: "paused")
        }
    }

    /// Hands out the jobs of a paused batch again; gives how many wait.
    @discardableResult
    public func unpause(batch: BatchID) async throws -> Int {
        try await write { context in try context.change(batch, from: "paused", to: "open") }
    }

    /// Gives up what is not finished; returns how many jobs that concerned.
    ///
    /// Requests that are in the air go on: their answers are paid for and kept.
    @discardableResult
    public func cancel(batch: BatchID) async throws -> Int {
        try await write { context in
            let close = try context.statement("UPDATE batches SET state = 'cancelled' WHERE id = ?1")
            close.bind(1, batch.number)
            try close.run()
            let cancelUnheld = try context.statement(
                """
                UPDATE jobs SET state = 'cancelled', due_at = 0
                WHERE id IN (
                    SELECT id FROM jobs WHERE batch_id = ?1 AND state = 'waiting'
                    UNION ALL SELECT id FROM jobs WHERE batch_id = ?1 AND state = 'unknown')
                """)
            cancelUnheld.bind(1, batch.number)
            try cancelUnheld.run()
            let count = context.connection.changes
            return try count + context.takeLeases(of: batch, to: "cancelled")
        }
    }

    /// Asks jobs anew that failed or whose fate is unknown; returns how many.
    ///
    /// A failed job begins a new round, hence a new idempotency key: the old one might only bring the old
    /// failure back. An unknown job keeps its round, so that a provider that did answer does not answer, and
    /// bill, twice. A cancelled batch is opened again, and a deadline that has passed holds no more.
    @discardableResult
    public func retry(batch: BatchID, states: Set<JobState>) async throws -> Int {
        precondition(
            states.isSubset(of: [.failed, .unknown]), "only failed and unknown jobs can be asked anew")
        let now = time.now
        return try await write { context in
            try context.requireUnpruned(batch)
            var count = 0
            if states.contains(.failed) {
                let retry = try context.statement(
                    """
                    UPDATE jobs SET
                        state = 'waiting', due_at = 0, attempts = 0, candidate = 0, round = round + 1,
                        fault = NULL
                    WHERE batch_id = ?1 AND state = 'failed'
                    """)
                retry.bind(1, batch.number)
                try retry.run()
                count += context.connection.changes
            }
            if states.contains(.unknown) {
                let retry = try context.statement(
                    """
                    UPDATE jobs SET state = 'waiting', due_at = 0, attempts = 0, rescues = rescues + 1
                    WHERE batch_id = ?1 AND state = 'unknown'
                    """)
                retry.bind(1, batch.number)
                try retry.run()
                count += context.connection.changes
            }
            guard count > 0 else { return 0 }
            _ = try context.change(batch, from: "cancelled", to: "open")
            try context.dropDeadline(of: batch, passedAt: now)
            return count
        }
    }
}

extension WriteContext {
    /// Takes the jobs of a batch from whoever holds them without having sent them; gives how many.
    @discardableResult
    fileprivate func takeLeases(of batch: BatchID, to state: StaticString) throws -> Int {
        let take = try statement(
            """
            UPDATE jobs SET state = ?2, lease = NULL, due_at = 0
            WHERE lease IS NOT NULL AND due_at >= 0 AND state = 'leased' AND batch_id = ?1
            """)
        take.bind(1, batch.number)
        take.bind(2, state)
        try take.run()
        return connection.changes
    }

    /// A deadline that has passed is dropped; whoever works on the batch learns that there is something new.
    fileprivate func dropDeadline(of batch: BatchID, passedAt now: Timestamp) throws {
        let update = try statement(
            """
            UPDATE batches SET
                revision = revision + 1, deadline = CASE WHEN deadline <= ?2 THEN NULL ELSE deadline END
            WHERE id = ?1
            """)
        update.bind(1, batch.number)
        update.bind(2, now.milliseconds)
        try update.run()
    }

    fileprivate func change(
        _ batch: BatchID, from old: StaticString, to new: StaticString
    ) throws -> Int {
        let update = try statement("UPDATE batches SET state = ?3 WHERE id = ?1 AND state = ?2")
        update.bind(1, batch.number)
        update.bind(2, old)
        update.bind(3, new)
        try update.run()
        guard connection.changes == 1 else { return 0 }
        let count = try statement("SELECT count(*) FROM jobs WHERE batch_id = ?1 AND state = 'waiting'")
        count.bind(1, batch.number)
        return Int(try count.firstInt() ?? 0)
    }
}

extension BatchRecord {
    fileprivate static let select: SQL = """
        SELECT b.id, b.name, b.state, b.priority, b.settings, c.text, b.source, b.jobs, b.created_at,
            b.deadline, b.pruned_at
        FROM batches b LEFT JOIN contents c ON c.id = b.system_id
        """

    init(_ row: Row) throws {
        id = BatchID(row[0])
        name = row[1]
        state = BatchState(rawValue: row[2]) ?? .open
        priority = row[3]
        settings = BatchSettings(json: try JSON(parsing: row[4] as String), system: row[5])
        source = row[6]
        jobs = row[7]
        createdAt = Timestamp(milliseconds: row[8])
        deadline = (row[9] as Int64?).map { Timestamp(milliseconds: $0) }
        prunedAt = (row[10] as Int64?).map { Timestamp(milliseconds: $0) }
    }

    static func fetchAll(_ database: Database) throws -> [BatchRecord] {
        try Row.fetchAll(database, SQLRequest(literal: "\(select) ORDER BY b.id"))
            .map { try BatchRecord($0) }
    }

    static func fetchOne(_ database: Database, id: BatchID) throws -> BatchRecord? {
        try Row.fetchOne(database, SQLRequest(literal: "\(select) WHERE b.id = \(id.number)"))
            .map { try BatchRecord($0) }
    }
}

extension BatchStatus {
    fileprivate init(of batch: BatchRecord, held: [JobState: Int], in database: Database) throws {
        self.batch = batch
        counts = try JobCounts.all(of: batch.id, jobs: batch.jobs, held: held, in: database)
        askedAgain = try Int.fetchOne(
            database,
            literal: "SELECT count(*) FROM jobs WHERE batch_id = \(batch.id.number) AND rescues > 0")
        let sums = try UsageQuery(batch: batch.id).rows(in: database).first ?? UsageRow()
        requests = sums.requests
        failures = sums.failures
        usage = sums.usage
        cost = sums.cost
        unpricedRequests = sums.unpricedRequests
    }
}
