import GRDB
public import ParleyCore

extension Store {
    /// The conversations that are asked for, those with the last change first, and how many there are in all.
    ///
    /// Messages and costs are added up for those that are listed only.
    public func sessions(
        _ query: SessionQuery = SessionQuery()
    ) async throws -> (page: [SessionSummary], count: Int) {
        try await read { database in
            let count = try Int.fetchOne(
                database, SQLRequest(literal: "SELECT count(*) FROM sessions s WHERE \(query.filter)"))
            let rows = try Row.fetchAll(database, SQLRequest(literal: SessionSummary.select(query)))
            return (rows.map { SessionSummary($0) }, count ?? 0)
        }
    }

    /// The numbers of the conversations by hand, the oldest first; archived ones too.
    public func sessionIDs() async throws -> [SessionID] {
        try await read { database in
            try Int64.fetchAll(database, sql: "SELECT id FROM sessions WHERE job_id IS NULL ORDER BY id")
                .map { SessionID($0) }
        }
    }

    /// How many messages a conversation has, those that are history only as well.
    public func messageCount(of session: SessionID) async throws -> Int {
        try await read { database in
            try Int.fetchOne(
                database,
                SQLRequest(literal: "SELECT count(*) FROM messages WHERE session_id = \(session.number)"))
                ?? 0
        }
    }
}

extension SessionQuery {
    fileprivate var filter: SQL {
        var parts: [SQL] = [isOfJobs ? "s.job_id IS NOT NULL" : "s.job_id IS NULL"]
        if let statuses {
            parts.append("s.status IN \(statuses.map(\.rawValue).sorted())")
        } else {
            parts.append("s.status <> 'archived'")
        }
        if let role { parts.append("s.role = \(role)") }
        if let model {
            parts.append(
                """
                (s.model = \(model) OR substr(s.model, 1, instr(s.model, '/') - 1) = \(model)
                    OR substr(s.model, instr(s.model, '/') + 1) = \(model))
                """)
        }
        if let since { parts.append("s.updated_at >= \(since.milliseconds)") }
        if let until { parts.append("s.updated_at < \(until.milliseconds)") }
        return parts.joined(separator: " AND ")
    }
}

extension SessionSummary {
    /// So much of a first question is read where there is no title.
    private static let wordsRead = 200

    // Conversations by hand come along their index; jobs' conversations in the order of their numbers, which is that of
    // their first requests, since there may be millions of them.
    fileprivate static func select(_ query: SessionQuery) -> SQL {
        let order: SQL = query.isOfJobs ? "s.id DESC" : "s.updated_at DESC, s.id DESC"
        return """
            WITH page AS MATERIALIZED (
                SELECT s.id FROM sessions s WHERE \(query.filter) ORDER BY \(order) LIMIT \(query.limit))
            SELECT s.id, s.role, s.model, s.status, s.parent_id, s.created_at, s.updated_at,
                b.name AS batch, j.job_key,
                EXISTS (SELECT 1 FROM open_turns t WHERE t.session_id = s.id) AS is_answered,
                CASE WHEN s.title <> '' THEN s.title ELSE coalesce((
                    SELECT substr(m.content, 1, \(wordsRead)) FROM messages m
                    WHERE m.session_id = s.id AND m.role = 'user' ORDER BY m.position LIMIT 1), '') END AS title,
                (SELECT count(*) FROM messages m WHERE m.session_id = s.id) AS messages,
                (SELECT count(*) FROM attempts a WHERE a.session_id = s.id) AS requests,
                (SELECT sum(u.cost_picodollars) FROM attempts a JOIN token_usage u ON u.attempt_id = a.id
                    WHERE a.session_id = s.id) AS cost,
                (SELECT count(*) FROM attempts a JOIN token_usage u ON u.attempt_id = a.id
                    WHERE a.session_id = s.id AND u.cost_picodollars IS NULL) AS unpriced
            FROM page p CROSS JOIN sessions s ON s.id = p.id
            LEFT JOIN jobs j ON j.id = s.job_id
            LEFT JOIN batches b ON b.id = j.batch_id
            ORDER BY \(order)
            """
    }

    fileprivate init(_ row: Row) {
        self.init(
            id: SessionID(row["id"]), title: row["title"], role: row["role"],
            model: ModelName(row["model"]) ?? ModelName(provider: "unknown", model: row["model"]),
            status: SessionStatus(rawValue: row["status"]) ?? .active, isBeingAnswered: row["is_answered"],
            parent: (row["parent_id"] as Int64?).map { SessionID($0) }, batch: row["batch"],
            jobKey: row["job_key"], messages: row["messages"], requests: row["requests"],
            cost: Picodollars(row["cost"] ?? 0), unpriced: row["unpriced"],
            createdAt: Timestamp(milliseconds: row["created_at"]),
            updatedAt: Timestamp(milliseconds: row["updated_at"]))
    }
}
