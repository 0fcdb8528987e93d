import GRDB
public import ParleyCore

/// What the requests of a conversation took.
public struct SessionSpending: Sendable, Hashable {
    /// Messages of the user that are a part of it.
    public var questions: Int
    /// All that were sent.
    public var requests: Int
    /// Those that were answered.
    public var answers: Int
    public var usage: Usage
    /// The cost of those that have a price.
    public var cost: Picodollars
    /// Requests with figures whose model has no price.
    public var unpriced: Int
    /// Requests that were stopped, lost, or answered without figures.
    public var untold: Int
}

extension Store {
    /// What was sent in a conversation, itself: what its parent had asked before a fork is not counted.
    public func spending(of session: SessionID) async throws -> SessionSpending {
        try await read { database in
            let row = try Row.fetchOne(
                database, sql: Self.spendingSQL, arguments: [session.number])
            guard let row else { throw StoreError.sessionUnknown(session) }
            return SessionSpending(
                questions: row["questions"], requests: row["requests"], answers: row["answers"],
                usage: Usage(
                    inputUncached: row["input"], cacheRead: row["cache_read"], cacheWrite5m: row["write_5m"],
                    cacheWrite1h: row["write_1h"], output: row["output"], reasoning: row["reasoning"]),
                cost: Picodollars(row["cost"] as Int64), unpriced: row["unpriced"], untold: row["untold"])
        }
    }

    private static let spendingSQL = """
        SELECT
            (SELECT count(*) FROM messages
                WHERE session_id = ?1 AND role = 'user' AND extra = 0 AND set_aside_at IS NULL) AS questions,
            count(a.id) AS requests,
            coalesce(sum(a.state = 'answered'), 0) AS answers,
            coalesce(sum(u.input_uncached), 0) AS input,
            coalesce(sum(u.cache_read), 0) AS cache_read,
            coalesce(sum(u.cache_write_5m), 0) AS write_5m,
            coalesce(sum(u.cache_write_1h), 0) AS write_1h,
            coalesce(sum(u.output), 0) AS output,
            coalesce(sum(u.reasoning), 0) AS reasoning,
            coalesce(sum(u.cost_picodollars), 0) AS cost,
            coalesce(sum(u.reported = 1 AND u.cost_picodollars IS NULL), 0) AS unpriced,
            coalesce(sum(a.state = 'unknown' OR u.reported = 0), 0) AS untold
        FROM attempts a LEFT JOIN token_usage u ON u.attempt_id = a.id
        WHERE a.session_id = ?1
        """
}
