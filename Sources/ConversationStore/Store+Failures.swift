import GRDB
public import ParleyCore

extension Store {
    /// The failed requests by kind and model, the most frequent first; those that were pruned are not among
    /// them.
    public func failureSummary(
        of batch: BatchID? = nil, since: Timestamp? = nil, until: Timestamp? = nil
    ) async throws -> [FailureSummary] {
        let first = since?.milliseconds ?? 0
        let last = until?.milliseconds ?? .max
        return try await read { database in
            // With max(), SQLite takes the other columns from the row that has the maximum.
            let request = SQLRequest<Row>(
                literal: """
                    SELECT f.kind, a.provider, a.model, count(*) AS count, max(f.failed_at), f.message
                    FROM failed_requests f JOIN attempts a ON a.id = f.attempt_id
                    WHERE f.failed_at >= \(first) AND f.failed_at < \(last)
                        AND (\(batch?.number) IS NULL OR a.batch_id = \(batch?.number))
                    GROUP BY f.kind, a.provider, a.model
                    ORDER BY count DESC, f.kind, a.provider, a.model
                    """)
            return try Row.fetchAll(database, request).map { row in
                FailureSummary(
                    kind: row[0], model: ModelName(provider: ProviderName(row[1]), model: row[2]),
                    count: row[3], lastAt: Timestamp(milliseconds: row[4]), lastMessage: row[5])
            }
        }
    }

    /// A page of the failed requests, the newest first.
    public func failures(_ query: FailureQuery = FailureQuery()) async throws -> [FailureRecord] {
        try await read { try query.records(in: $0) }
    }

    /// How often requests failed in which way, the most frequent first; pages do not count.
    public func failureCounts(_ query: FailureQuery = FailureQuery()) async throws -> [FailureCount] {
        try await read { try query.counts(in: $0) }
    }

    /// All that is kept of one failed request; nil when there is none of that number, or none any more.
    public func failure(_ id: AttemptID) async throws -> FailureDetail? {
        try await read { try FailureDetail.fetchOne($0, id: id) }
    }
}

extension Store {
    public static let failedRequestsMax = 10_000
    public static let failedRequestsAgeMax = Duration.seconds(90 * 24 * 3600)

    /// Throws the evidence of old failures away: what is older than `age`, and all but the newest `count`; nil sets
    /// no bound. Returns how many.
    ///
    /// That a request failed, and how, stays in the ledger.
    @discardableResult
    public func pruneFailedRequests(
        keeping count: Int? = Store.failedRequestsMax, younger age: Duration? = Store.failedRequestsAgeMax
    ) async throws -> Int {
        let oldest = age.map { time.now - $0 }
        return try await write { context in
            var pruned = 0
            if let oldest {
                let byAge = try context.statement("DELETE FROM failed_requests WHERE failed_at < ?1")
                byAge.bind(1, oldest.milliseconds)
                try byAge.run()
                pruned += context.connection.changes
            }
            if let count {
                let byCount = try context.statement(
                    """
                    DELETE FROM failed_requests WHERE attempt_id IN (
                        SELECT attempt_id FROM failed_requests
                        ORDER BY failed_at DESC, attempt_id DESC LIMIT -1 OFFSET ?1)
                    """)
                byCount.bind(1, max(0, count))
                try byCount.run()
                pruned += context.connection.changes
            }
            return pruned
        }
    }
}

extension FailureQuery {
    /// The filter always bounds the time, so that the index by age serves every query and gives the order as well.
    private var filter: SQL {
        var conditions: [SQL] = ["f.failed_at >= \(since?.milliseconds ?? 0)"]
        if let until { conditions.append("f.failed_at < \(until.milliseconds)") }
        if let kind { conditions.append("f.kind = \(kind.rawValue)") }
        if let batch { conditions.append("a.batch_id = \(batch.number)") }
        return conditions.joined(separator: " AND ")
    }

    private var page: SQL {
        guard let after else { return filter }
        return """
            \(filter) AND (f.failed_at, f.attempt_id) < (\(after.failedAt.milliseconds), \(after.id.number))
            """
    }

    func records(in database: Database) throws -> [FailureRecord] {
        let request = SQLRequest<Row>(
            literal: """
                SELECT \(FailureRecord.columns)
                FROM \(FailureRecord.tables)
                WHERE \(page)
                ORDER BY f.failed_at DESC, f.attempt_id DESC LIMIT \(limit)
                """)
        return try Row.fetchAll(database, request).map { FailureRecord($0) }
    }

    func counts(in database: Database) throws -> [FailureCount] {
        let request = SQLRequest<Row>(
            literal: """
                SELECT f.kind, count(*) AS count, max(f.failed_at)
                FROM failed_requests f CROSS JOIN attempts a ON a.id = f.attempt_id
                WHERE \(filter)
                GROUP BY f.kind ORDER BY count DESC, f.kind
                """)
        return try Row.fetchAll(database, request).map { row in
            FailureCount(kind: row[0], count: row[1], lastAt: Timestamp(milliseconds: row[2]))
        }
    }
}

extension FailureRecord {
    fileprivate static let columns: SQL = """
        f.attempt_id, f.failed_at, f.kind, f.status, f.code, f.message, a.provider, a.model, b.name,
        j.job_key, a.session_id, f.estimated_tokens, f.estimate_method, f.messages
        """

    /// The failures come first, whatever the planner thinks: they are few, the attempts are many.
    fileprivate static let tables: SQL = """
        failed_requests f
        CROSS JOIN attempts a ON a.id = f.attempt_id
        CROSS JOIN sessions s ON s.id = a.session_id
        LEFT JOIN jobs j ON j.id = s.job_id
        LEFT JOIN batches b ON b.id = a.batch_id
        """

    fileprivate init(_ row: Row) {
        self.init(
            id: AttemptID(row[0]), failedAt: Timestamp(milliseconds: row[1]), kind: row[2], status: row[3],
            code: row[4], message: row[5], model: ModelName(provider: ProviderName(row[6]), model: row[7]),
            batch: row[8], jobKey: row[9], session: SessionID(row[10]), estimatedTokens: row[11],
            estimateMethod: row[12], messagesCount: row[13])
    }
}

extension FailureDetail {
    static func fetchOne(_ database: Database, id: AttemptID) throws -> FailureDetail? {
        let request = SQLRequest<Row>(
            literal: """
                SELECT \(FailureRecord.columns), f.body, f.response_body, a.role, a.sent_at, a.latency_ms,
                    a.idempotency_key, j.state,
                    (SELECT count(*) FROM attempts o WHERE o.session_id = a.session_id AND o.id <= a.id)
                        AS attempt,
                    (SELECT count(*) FROM attempts o WHERE o.session_id = a.session_id) AS attempts
                FROM \(FailureRecord.tables)
                WHERE f.attempt_id = \(id.number)
                """)
        return try Row.fetchOne(database, request).map { row in
            FailureDetail(
                record: FailureRecord(row), attempt: row["attempt"], attempts: row["attempts"],
                role: row["role"], jobState: (row["state"] as String?).flatMap { JobState(rawValue: $0) },
                sentAt: Timestamp(milliseconds: row["sent_at"]),
                latency: (row["latency_ms"] as Int64?).map { .milliseconds($0) },
                idempotencyKey: row["idempotency_key"], requestBody: row["body"],
                responseBody: row["response_body"])
        }
    }
}
