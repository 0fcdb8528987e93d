import ParleyCore

/// A row of `open_turns`.
struct TurnRow {
    let attempt: AttemptID?
    let message: MessageID?
    let replaces: MessageID?
}

extension WriteContext {
    /// Nil when the turn was taken away.
    func openTurn(_ turn: OpenTurn) throws -> TurnRow? {
        let find = try statement(
            """
            SELECT attempt_id, message_id, replaces_id FROM open_turns WHERE session_id = ?1 AND worker = ?2
            """)
        find.bind(1, turn.session.number)
        find.bind(2, turn.worker)
        guard try find.step() else { return nil }
        defer { find.reset() }
        return TurnRow(
            attempt: find.optionalInt(0).map { AttemptID($0) },
            message: find.optionalInt(1).map { MessageID($0) },
            replaces: find.optionalInt(2).map { MessageID($0) })
    }

    @discardableResult
    func requireTurn(_ turn: OpenTurn) throws -> TurnRow {
        guard let row = try openTurn(turn) else { throw StoreError.turnLost(turn.session) }
        return row
    }

    /// A conversation by hand that nobody is answering; a turn whose process is gone is closed.
    func requireFree(_ session: SessionID, liveness: WorkerLiveness, at now: Timestamp) throws {
        let find = try statement("SELECT job_id FROM sessions WHERE id = ?1")
        find.bind(1, session.number)
        guard try find.step() else { throw StoreError.sessionUnknown(session) }
        let isOfJob = !find.isNull(0)
        find.reset()
        guard !isOfJob else { throw StoreError.sessionOfJob(session) }
        if try lostTurns(by: liveness, at: now).contains(session.number) {
            try closeLost(session.number, at: now)
        }
        let turn = try statement("SELECT 1 FROM open_turns WHERE session_id = ?1")
        turn.bind(1, session.number)
        guard try turn.firstInt() == nil else { throw StoreError.sessionBusy(session) }
    }

    /// The conversations whose turn is nobody's any more.
    func lostTurns(by liveness: WorkerLiveness, at now: Timestamp) throws -> [Int64] {
        let find = try statement(
            """
            SELECT t.session_id, t.touched_at, w.host, w.pid, w.started
            FROM open_turns t LEFT JOIN workers w ON w.token = t.worker
            """)
        var lost: [Int64] = []
        while try find.step() {
            let silence = now.since(Timestamp(milliseconds: find.int(1)))
            let verdict: WorkerLiveness.Verdict =
                find.isNull(2)
                ? .gone
                : liveness.verdict(
                    on: WorkerIdentity(
                        host: find.text(2), pid: Int32(find.int(3)), started: find.int(4)))
            if verdict == .gone || verdict == .unknowable && silence > Store.turnSilenceMax {
                lost.append(find.int(0))
            }
        }
        return lost
    }

    /// What was in the air is `unknown`, and the conversation is free.
    func closeLost(_ session: Int64, at now: Timestamp) throws {
        try endAttempts(of: session, at: now)
        let delete = try statement("DELETE FROM open_turns WHERE session_id = ?1")
        delete.bind(1, session)
        try delete.run()
        try refreshStatus(of: session, at: nil)
    }

    func setAside(_ message: MessageID, of session: SessionID, at now: Timestamp) throws {
        let update = try statement(
            """
            UPDATE messages SET set_aside_at = ?3
            WHERE id = ?1 AND session_id = ?2 AND set_aside_at IS NULL
            """)
        update.bind(1, message.number)
        update.bind(2, session.number)
        update.bind(3, now.milliseconds)
        try update.run()
    }

    /// Says of a conversation by hand what its last message says: a whole answer that asks for no tool, or that something is
    /// missing. With nil the moment of its last change stays.
    func refreshStatus(of session: Int64, at now: Timestamp?) throws {
        let update = try statement(
            """
            UPDATE sessions SET
                updated_at = coalesce(?2, updated_at),
                status = coalesce((
                    SELECT CASE
                        WHEN m.role = 'assistant' AND m.status = 'complete'
                            AND NOT EXISTS (SELECT 1 FROM tool_calls c WHERE c.message_id = m.id)
                        THEN 'active' ELSE 'interrupted' END
                    FROM messages m
                    WHERE m.session_id = ?1 AND m.extra = 0 AND m.set_aside_at IS NULL
                    ORDER BY m.position DESC LIMIT 1), 'active')
            WHERE id = ?1 AND job_id IS NULL
            """)
        update.bind(1, session)
        update.bind(2, now?.milliseconds)
        try update.run()
    }

    func setSettings(_ settings: SessionSettings, of session: Int64) throws {
        let update = try statement("UPDATE sessions SET settings = ?2 WHERE id = ?1")
        update.bind(1, session)
        update.bind(2, settings.json.text(sortsKeys: true))
        try update.run()
    }
}
