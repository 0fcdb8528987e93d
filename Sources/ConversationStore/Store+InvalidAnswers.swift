import GRDB
public import ParleyCore

extension Store {
    /// The answers of a conversation that did not follow their schema, as they came, the oldest first.
    ///
    /// Only of requests whose idempotency key begins with `keyPrefix`: those of one round. What came for a job that was somebody
    /// else's by then is not among them. An answer of which no text is left is empty.
    public func invalidAnswers(of session: SessionID, keyPrefix: String) async throws -> [String] {
        try await read { database in
            try String.fetchAll(
                database, sql: Self.invalidAnswersSQL,
                arguments: [session.number, Failure.Kind.invalidAnswer.rawValue, keyPrefix])
        }
    }

    static let invalidAnswersSQL = """
        SELECT coalesce(m.content, '')
        FROM attempts a LEFT JOIN messages m ON m.attempt_id = a.id AND m.session_id = a.session_id
        WHERE a.session_id = ?1 AND a.failure_kind = ?2
            AND substr(a.idempotency_key, 1, length(?3)) = ?3 AND coalesce(m.extra, 0) = 0
        ORDER BY a.id
        """
}
