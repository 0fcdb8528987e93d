import GRDB
import ParleyCore

extension Store {
    /// Calls of conversations by hand that nobody has answered, of the conversation that was written in last first.
    ///
    /// Conversations that were put away are not looked into.
    ///
    /// - Parameters:
    ///   - callID: only those to which the provider gave this id; nil = all.
    ///   - limit: no more than so many.
    public func openCalls(named callID: String? = nil, upTo limit: Int) async throws -> [StoredCall] {
        precondition(limit > 0)
        return try await read { database in
            try Row.fetchAll(database, SQLRequest(literal: Self.openCallsQuery(named: callID, upTo: limit)))
                .map { try StoredCall($0) }
        }
    }

    static func openCallsQuery(named callID: String?, upTo limit: Int) -> SQL {
        """
        \(StoredCall.select) JOIN sessions s ON s.id = m.session_id
        WHERE m.session_id IN (SELECT id FROM sessions WHERE status = 'interrupted' AND job_id IS NULL)
            AND m.extra = 0 AND m.set_aside_at IS NULL AND (\(callID) IS NULL OR c.call_id = \(callID))
            AND NOT EXISTS (
                SELECT 1 FROM messages r
                WHERE r.session_id = m.session_id AND r.role = 'tool' AND r.tool_call_id = c.call_id
                    AND r.position > m.position AND r.set_aside_at IS NULL)
        ORDER BY s.updated_at DESC, m.session_id, m.position, c.position LIMIT \(limit)
        """
    }
}
