import GRDB
public import ParleyCore

extension Store {
    /// The calls of a conversation that nobody has answered, the oldest first; those of turns that were taken out are not
    /// among them.
    public func openCalls(of session: SessionID) async throws -> [StoredCall] {
        try await read { database in
            try Row.fetchAll(
                database,
                SQLRequest(
                    literal: """
                        \(StoredCall.select)
                        WHERE m.session_id = \(session.number) AND m.extra = 0 AND m.set_aside_at IS NULL
                            AND NOT EXISTS (
                                SELECT 1 FROM messages r
                                WHERE r.session_id = m.session_id AND r.role = 'tool' AND r.tool_call_id = c.call_id
                                    AND r.position > m.position AND r.set_aside_at IS NULL)
                        ORDER BY m.position, c.position
                        """)
            ).map { try StoredCall($0) }
        }
    }

    /// The call of that number; nil where there is none.
    public func toolCall(_ id: ToolCallID) async throws -> StoredCall? {
        try await read { database in
            try Row.fetchOne(
                database, SQLRequest(literal: "\(StoredCall.select) WHERE c.id = \(id.number)")
            ).map { try StoredCall($0) }
        }
    }

    /// Writes down that a call's command is begun, before it is.
    public func noteStart(of call: ToolCallID, in turn: OpenTurn) async throws {
        let now = time.now
        try await write { context in
            try context.requireTurn(turn)
            let update = try context.statement("UPDATE tool_calls SET started_at = ?2 WHERE id = ?1")
            update.bind(1, call.number)
            update.bind(2, now.milliseconds)
            try update.run()
        }
    }

    /// Stores what a call came to, as a message of its conversation. One that is answered already stays as it is: false.
    @discardableResult
    public func answer(
        _ call: StoredCall, with result: ToolResult, in turn: OpenTurn
    ) async throws -> Bool {
        let now = time.now
        return try await write { context in
            try context.requireTurn(turn)
            return try context.answer(call, with: result, at: now)
        }
    }

    /// As ``answer(_:with:in:)``, for a conversation that nobody is answering just now.
    @discardableResult
    public func answer(_ call: StoredCall, with result: ToolResult) async throws -> Bool {
        let now = time.now
        return try await write { [liveness] context in
            try context.requireFree(call.session, liveness: liveness, at: now)
            return try context.answer(call, with: result, at: now)
        }
    }
}

extension WriteContext {
    func answer(_ call: StoredCall, with result: ToolResult, at now: Timestamp) throws -> Bool {
        let find = try statement(
            """
            SELECT 1 FROM tool_calls c JOIN messages m ON m.id = c.message_id
            JOIN messages r ON r.session_id = m.session_id AND r.position > m.position
            WHERE c.id = ?1 AND r.role = 'tool' AND r.tool_call_id = c.call_id AND r.set_aside_at IS NULL
            """)
        find.bind(1, call.id.number)
        guard try find.firstInt() == nil else { return false }
        let update = try statement(
            """
            UPDATE tool_calls SET state = 'answered', result = ?2, is_error = ?3
            WHERE id = ?1 AND state = 'pending'
            """)
        update.bind(1, call.id.number)
        update.bind(2, result.content)
        update.bind(3, result.isError)
        try update.run()
        let message = Message(
            role: .tool, content: result.content, toolCallID: call.call.id, isError: result.isError,
            isProtected: result.isProtected)
        let session = call.session.number
        try insertMessages([message], into: session, from: try nextPosition(in: session), at: now)
        try refreshStatus(of: session, at: now)
        return true
    }
}
