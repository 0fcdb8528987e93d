import GRDB
public import ParleyCore

/// A conversation that is to be removed: what a person should know before.
public struct SessionFigures: Sendable, Hashable {
    public var id: SessionID
    public var title: String
    public var messages: Int
    /// What is known of its cost; the bill keeps it.
    public var cost: Picodollars
    /// Requests whose fate is unknown: they may have been billed and are in no sum.
    public var unknownRequests: Int
    public var updatedAt: Timestamp
}

extension Store {
    /// What would be removed with these conversations, in their order; one that is not there, or is a job's, is an error.
    public func figures(of sessions: [SessionID]) async throws -> [SessionFigures] {
        try await read { database in
            try sessions.map { session in
                if let batch = try String.fetchOne(database, SQLRequest(literal: Self.batchOf(session))) {
                    throw StoreError.sessionOfBatch(session, batch: batch)
                }
                guard let row = try Row.fetchOne(database, SQLRequest(literal: Self.figuresOf(session)))
                else {
                    throw StoreError.sessionUnknown(session)
                }
                return SessionFigures(
                    id: session, title: row[0], messages: row[2], cost: Picodollars(row[3]),
                    unknownRequests: row[4], updatedAt: Timestamp(milliseconds: row[1]))
            }
        }
    }

    private static func batchOf(_ session: SessionID) -> SQL {
        """
        SELECT b.name FROM sessions s JOIN jobs j ON j.id = s.job_id JOIN batches b ON b.id = j.batch_id
        WHERE s.id = \(session.number)
        """
    }

    private static func figuresOf(_ session: SessionID) -> SQL {
        """
        SELECT s.title, s.updated_at,
            (SELECT count(*) FROM messages m WHERE m.session_id = s.id),
            (SELECT coalesce(sum(u.cost_picodollars), 0)
                FROM attempts a JOIN token_usage u ON u.attempt_id = a.id WHERE a.session_id = s.id),
            (SELECT count(*) FROM attempts a WHERE a.session_id = s.id AND a.state = 'unknown')
        FROM sessions s WHERE s.id = \(session.number)
        """
    }

    /// Removes conversations that people led, all or none: messages, reasoning, tool calls, the evidence of failures, the
    /// title, the system prompt if nobody else has it; then their words in the index and in the file.
    ///
    /// What they cost stays in every sum and report. Forks keep their copies. Throws ``StoreError/sessionBusy(_:)`` for one that
    /// is being answered and ``StoreError/sessionOfBatch(_:batch:)`` for a job's. Backups are other files and keep theirs.
    @discardableResult
    public func delete(
        _ sessions: [SessionID], progress: @Sendable (WipeProgress) -> Void = { _ in }
    ) async throws -> WipeReport {
        _ = try await figures(of: sessions)
        let now = time.now
        try await write { [liveness] context in
            for session in sessions { try context.requireFree(session, liveness: liveness, at: now) }
            for session in sessions { try context.removeSession(session.number) }
            try context.noteRemains()
        }
        return try await wipe(progress: progress)
    }
}
