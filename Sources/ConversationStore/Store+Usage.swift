import GRDB
public import ParleyCore

extension Store {
    /// The sums of what was asked, from the rollups: as fast for a million answers as for ten.
    ///
    /// Rows come in the order of their keys. A query without dimensions gives one row, of zeros if there is
    /// nothing.
    public func usage(_ query: UsageQuery = UsageQuery()) async throws -> [UsageRow] {
        try await read { try query.rows(in: $0) }
    }

    /// The models whose answers could not be priced, the most used first.
    public func unpricedModels(
        since: Timestamp? = nil, until: Timestamp? = nil, batch: BatchID? = nil
    ) async throws -> [UnpricedModel] {
        let query = UsageQuery(by: [.model], since: since, until: until, batch: batch)
        return try await usage(query)
            .filter { $0.unpricedRequests > 0 }
            .compactMap { row in
                row.keys[.model].flatMap { ModelName($0) }.map {
                    UnpricedModel(model: $0, requests: row.unpricedRequests, usage: row.usage)
                }
            }
            .sorted { $0.requests > $1.requests }
    }

    /// Requests that were in the air when their worker was lost and whose fate is still unknown: perhaps
    /// billed, in no sum.
    public func unknownAttempts(of batch: BatchID? = nil) async throws -> Int {
        try await read { database in
            if let batch {
                try Int.fetchOne(
                    database,
                    literal: """
                        SELECT count(*) FROM attempts WHERE state = 'unknown' AND batch_id = \(batch.number)
                        """)
            } else {
                try Int.fetchOne(
                    database,
                    literal: "SELECT count(*) FROM attempts WHERE state = 'unknown' AND batch_id >= 0")
            }
        }
    }
}

extension UsageQuery {
    func rows(in database: Database) throws -> [UsageRow] {
        let columns = by.map { column($0) }
        let select: SQL = by.isEmpty ? "" : "\(columns.joined(separator: ", ")), "
        let grouping: SQL =
            by.isEmpty
            ? "" : "GROUP BY \(columns.joined(separator: ", ")) ORDER BY \(columns.joined(separator: ", "))"
        let request = SQLRequest<Row>(
            literal: """
                SELECT \(select)
                    sum(r.answered), sum(r.failed), sum(r.unpriced), sum(r.unreported),
                    sum(r.input_uncached), sum(r.cache_read), sum(r.cache_write_5m), sum(r.cache_write_1h),
                    sum(r.output), sum(r.reasoning), sum(r.cost_picodollars)
                FROM usage_rollups r
                LEFT JOIN batches b ON b.id = r.batch_id
                WHERE \(filter)
                \(grouping)
                """)
        return try Row.fetchAll(database, request).map { row(of: $0) }
    }

    private var filter: SQL {
        let hour = RollupSums.hourMilliseconds
        var conditions: [SQL] = ["r.hour >= \((since?.milliseconds ?? 0) / hour * hour)"]
        if let until { conditions.append("r.hour < \((until.milliseconds + hour - 1) / hour * hour)") }
        if let batch { conditions.append("r.batch_id = \(batch.number)") }
        return conditions.joined(separator: " AND ")
    }

    private func column(_ dimension: Dimension) -> SQL {
        let seconds: SQL = "r.hour / 1000 + \(timezoneOffsetSeconds)"
        return switch dimension {
        case .model: "r.provider || '/' || r.model"
        case .provider: "r.provider"
        case .role: "r.role"
        case .batch: "coalesce(b.name, '')"
        case .day: "strftime('%Y-%m-%d', \(seconds), 'unixepoch')"
        case .hour: "strftime('%Y-%m-%dT%H:%M', \(seconds), 'unixepoch')"
        }
    }

    private func row(of row: Row) -> UsageRow {
        let first = by.count
        var keys: [Dimension: String] = [:]
        for (index, dimension) in by.enumerated() { keys[dimension] = row[index] }
        func sum(_ offset: Int) -> Int { row[first + offset] ?? 0 }
        return UsageRow(
            keys: keys, requests: sum(0) + sum(1), failures: sum(1),
            usage: Usage(
                inputUncached: sum(4), cacheRead: sum(5), cacheWrite5m: sum(6), cacheWrite1h: sum(7),
                output: sum(8), reasoning: sum(9)),
            cost: Picodollars(Int64(sum(10))), unpricedRequests: sum(2), unreportedRequests: sum(3))
    }
}
