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

    /// Throws the evidence of old failures away: what is older than `age`, and all but the newest `count`.
    /// Returns how many.
    ///
    /// That a request failed, and how, stays in the ledger.
    @discardableResult
    public func pruneFailedRequests(
        keeping count: Int = Store.failedRequestsMax, younger age: Duration = Store.failedRequestsAgeMax
    ) async throws -> Int {
        let oldest = time.now - age
        return try await write { context in
            let byAge = try context.statement("DELETE FROM failed_requests WHERE failed_at < ?1")
            byAge.bind(1, oldest.milliseconds)
            try byAge.run()
            let old = context.connection.changes
            let byCount = try context.statement(
                """
                DELETE FROM failed_requests WHERE attempt_id <= (
                    SELECT attempt_id FROM failed_requests ORDER BY attempt_id DESC LIMIT 1 OFFSET ?1)
                """)
            byCount.bind(1, count)
            try byCount.run()
            return old + context.connection.changes
        }
    }

    public static let failedRequestsMax = 10_000
    public static let failedRequestsAgeMax = Duration.seconds(90 * 24 * 3600)
}
