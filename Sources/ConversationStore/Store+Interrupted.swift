import GRDB
public import ParleyCore

/// A conversation in which something is missing.
public struct InterruptedSession: Sendable, Hashable {
    public enum Missing: String, Sendable, Hashable {
        /// Some process is answering it just now.
        case answering
        /// The last answer broke off.
        case answer
        /// The last question has no answer at all.
        case reply
        /// Tool calls have no results.
        case tools
    }

    public var id: SessionID
    public var title: String
    public var model: ModelName
    public var updatedAt: Timestamp
    public var missing: Missing
    /// Calls without a result.
    public var openCalls: Int
    /// The end of what was said last, at most ``lastWordsMax`` characters.
    public var lastWords: String
    /// The job whose conversation it is, and its batch; nil for one led by hand.
    public var job: (batch: String, key: String)? { batch.flatMap { name in jobKey.map { (name, $0) } } }
    var batch: String?
    var jobKey: String?

    public static let lastWordsMax = 400
}

extension Store {
    /// The conversations in which something is missing, those that were changed last first; of batches those jobs that have a
    /// part of an answer.
    ///
    /// - Parameter limit: no more than so many.
    public func interruptedSessions(limit: Int) async throws -> [InterruptedSession] {
        try await read { database in
            try Row.fetchAll(
                database, sql: Self.interruptedSQL,
                arguments: [InterruptedSession.lastWordsMax, limit]
            ).map { InterruptedSession($0) }
        }
    }

    // The last message of each is looked up by its position; there are as many look-ups as there are interrupted sessions.
    static let interruptedSQL = """
        SELECT s.id, s.title, s.model, s.updated_at, b.name AS batch, j.job_key,
            EXISTS (SELECT 1 FROM open_turns t WHERE t.session_id = s.id) AS is_answered,
            m.role, m.status, substr(m.content, -?1) AS last_words,
            (SELECT count(*) FROM messages a JOIN tool_calls c ON c.message_id = a.id
                WHERE a.session_id = s.id AND a.set_aside_at IS NULL AND a.extra = 0
                    AND NOT EXISTS (
                        SELECT 1 FROM messages r
                        WHERE r.session_id = a.session_id AND r.role = 'tool' AND r.tool_call_id = c.call_id
                            AND r.position > a.position AND r.set_aside_at IS NULL)) AS open_calls
        FROM sessions s
        LEFT JOIN jobs j ON j.id = s.job_id
        LEFT JOIN batches b ON b.id = j.batch_id
        LEFT JOIN messages m ON m.id = (
            SELECT id FROM messages
            WHERE session_id = s.id AND extra = 0 AND set_aside_at IS NULL ORDER BY position DESC LIMIT 1)
        WHERE s.status = 'interrupted' AND (s.job_id IS NULL OR m.status = 'partial')
        ORDER BY s.updated_at DESC, s.id DESC
        LIMIT ?2
        """
}

extension InterruptedSession {
    fileprivate init(_ row: Row) {
        let openCalls: Int = row["open_calls"]
        let isPartial = row["role"] == "assistant" && row["status"] == "partial"
        self.init(
            id: SessionID(row["id"]), title: row["title"],
            model: ModelName(row["model"]) ?? ModelName(provider: "unknown", model: row["model"]),
            updatedAt: Timestamp(milliseconds: row["updated_at"]),
            missing: row["is_answered"]
                ? .answering : openCalls > 0 ? .tools : isPartial ? .answer : .reply,
            openCalls: openCalls, lastWords: row["last_words"] ?? "", batch: row["batch"],
            jobKey: row["job_key"])
    }
}
