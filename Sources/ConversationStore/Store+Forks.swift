public import ParleyCore

extension Store {
    /// Begins a conversation by hand with the turns of another one, up to and including `position`; gives its number.
    ///
    /// What is history only (taken out, beside the conversation, an answer of a job that broke off before a better one came) is
    /// not copied. The copies keep their positions and the request that brought them; it is billed where it was sent, so
    /// nothing is counted twice. A cut between tool calls and their results is moved behind the results, so that nothing that
    /// was run is run again. A job's conversation can be forked as well: the fork has its model and system prompt, and no job.
    ///
    /// Throws ``StoreError/sessionUnknown(_:)``, and ``StoreError/sessionBusy(_:)`` while it is being answered.
    ///
    /// - Parameters:
    ///   - position: nil = all there is.
    ///   - title: nil = that of the original.
    public func fork(
        _ session: SessionID, through position: Int?, title: String?
    ) async throws -> SessionID {
        let now = time.now
        return try await write { [liveness] context in
            if try context.lostTurns(by: liveness, at: now).contains(session.number) {
                try context.closeLost(session.number, at: now)
            }
            return try context.fork(session, through: position, title: title, at: now)
        }
    }
}

extension WriteContext {
    func fork(
        _ source: SessionID, through position: Int?, title: String?, at now: Timestamp
    ) throws -> SessionID {
        let turn = try statement("SELECT 1 FROM open_turns WHERE session_id = ?1")
        turn.bind(1, source.number)
        guard try turn.firstInt() == nil else { throw StoreError.sessionBusy(source) }
        let last = try position.map { try cleanCut(at: $0, of: source.number) } ?? Int(Int32.max)
        let insert = try statement(
            """
            INSERT INTO sessions (title, role, model, system_id, settings, parent_id, created_at, updated_at)
            SELECT coalesce(?2, title), role, model, system_id, coalesce(settings, '{}'), id, ?3, ?3
            FROM sessions WHERE id = ?1
            """)
        insert.bind(1, source.number)
        insert.bind(2, title)
        insert.bind(3, now.milliseconds)
        try insert.run()
        guard connection.changes == 1 else { throw StoreError.sessionUnknown(source) }
        let fork = connection.lastInsertedID
        try copyMessages(of: source.number, through: last, to: fork)
        try copyCalls(of: source.number, to: fork)
        let count = try statement(
            """
            UPDATE sessions SET forked_messages = (SELECT count(*) FROM messages WHERE session_id = ?1)
            WHERE id = ?1
            """)
        count.bind(1, fork)
        try count.run()
        try refreshStatus(of: fork, at: now)
        return SessionID(fork)
    }

    /// The position, or that of the last result of the calls that stand there.
    private func cleanCut(at position: Int, of session: Int64) throws -> Int {
        let next = try statement(
            """
            SELECT min(position) - 1 FROM messages
            WHERE session_id = ?1 AND position > ?2 AND role <> 'tool' AND extra = 0 AND set_aside_at IS NULL
            """)
        next.bind(1, session)
        next.bind(2, position)
        return try next.firstInt().map { Int($0) } ?? Int(Int32.max)
    }

    private func copyMessages(of source: Int64, through last: Int, to fork: Int64) throws {
        let copy = try statement(
            """
            INSERT INTO messages (
                session_id, position, role, content, reasoning, status, finish_reason, attempt_id, tool_call_id,
                is_error, is_protected, created_at, continuation)
            SELECT
                ?3, m.position, m.role, m.content, m.reasoning, m.status, m.finish_reason, m.attempt_id,
                m.tool_call_id, m.is_error, m.is_protected, m.created_at, m.continuation
            FROM messages m
            WHERE m.session_id = ?1 AND m.position <= ?2 AND m.extra = 0 AND m.set_aside_at IS NULL
                AND (m.status = 'complete'
                    OR (SELECT job_id FROM sessions WHERE id = ?1) IS NULL
                    OR NOT EXISTS (
                        SELECT 1 FROM messages n
                        WHERE n.session_id = ?1 AND n.position > m.position AND n.extra = 0))
            ORDER BY m.position
            """)
        copy.bind(1, source)
        copy.bind(2, last)
        copy.bind(3, fork)
        try copy.run()
        let answers = try statement(
            """
            INSERT INTO imported_answers (message_id, model, usage, cost_picodollars)
            SELECT f.id, i.model, i.usage, i.cost_picodollars
            FROM messages f
            JOIN messages m ON m.session_id = ?1 AND m.position = f.position
            JOIN imported_answers i ON i.message_id = m.id
            WHERE f.session_id = ?2
            """)
        answers.bind(1, source)
        answers.bind(2, fork)
        try answers.run()
    }

    private func copyCalls(of source: Int64, to fork: Int64) throws {
        let copy = try statement(
            """
            INSERT INTO tool_calls (
                message_id, position, call_id, name, raw, arguments, repaired, result, is_error, state, started_at)
            SELECT f.id, c.position, c.call_id, c.name, c.raw, c.arguments, c.repaired, c.result, c.is_error, c.state,
                c.started_at
            FROM messages f
            JOIN messages m ON m.session_id = ?1 AND m.position = f.position
            JOIN tool_calls c ON c.message_id = m.id
            WHERE f.session_id = ?2 ORDER BY f.id, c.position
            """)
        copy.bind(1, source)
        copy.bind(2, fork)
        try copy.run()
    }
}
