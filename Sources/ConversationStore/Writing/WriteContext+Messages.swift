import ParleyCore

extension WriteContext {
    /// Begins the conversation of a job or of a person; gives its number.
    func insertSession(
        title: String, role: String, model: ModelName, system: String?, job: JobID?, at now: Timestamp
    ) throws -> Int64 {
        let systemID = try system.map { try contentID(of: $0) }
        let insert = try statement(
            """
            INSERT INTO sessions (title, role, model, system_id, job_id, created_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
            """)
        insert.bind(1, title)
        insert.bind(2, role)
        insert.bind(3, model.description)
        insert.bind(4, systemID)
        insert.bind(5, job?.number)
        insert.bind(6, now.milliseconds)
        try insert.run()
        return connection.lastInsertedID
    }

    func setStatus(_ status: StaticString, of session: Int64, at now: Timestamp) throws {
        let update = try statement("UPDATE sessions SET status = ?2, updated_at = ?3 WHERE id = ?1")
        update.bind(1, session)
        update.bind(2, status)
        update.bind(3, now.milliseconds)
        try update.run()
    }

    /// Stores turns of a conversation in order, the first at `position`.
    func insertMessages(
        _ messages: [Message], into session: Int64, from position: Int = 0, at now: Timestamp
    ) throws {
        for (position, message) in zip(position..., messages) {
            let insert = try statement(
                """
                INSERT INTO messages (
                    session_id, position, role, content, reasoning, tool_call_id, is_error, is_protected,
                    created_at, continuation)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                """)
            insert.bind(1, session)
            insert.bind(2, position)
            insert.bind(3, message.role.rawValue)
            insert.bind(4, message.content)
            insert.bind(5, message.reasoning)
            insert.bind(6, message.role == .tool ? message.toolCallID ?? "" : nil)
            insert.bind(7, message.isError)
            insert.bind(8, message.isProtected)
            insert.bind(9, now.milliseconds)
            insert.bind(10, message.role == .assistant ? message.continuation?.text(sortsKeys: true) : nil)
            try insert.run()
            try insertToolCalls(message.toolCalls, of: connection.lastInsertedID)
        }
    }

    /// An answer, or the part of one that came.
    struct Reply {
        var content: String
        var reasoning: String?
        var toolCalls: [ToolCall] = []
        var finishReason: String?
        /// See ``Completion/continuation``.
        var continuation: JSON?
        var status: StaticString
        /// Not its job's answer: it came when the job was somebody else's.
        var isExtra = false
    }

    /// The position behind the last message.
    func nextPosition(in session: Int64) throws -> Int {
        let find = try statement(
            "SELECT coalesce(max(position) + 1, 0) FROM messages WHERE session_id = ?1")
        find.bind(1, session)
        return Int(try find.firstInt() ?? 0)
    }

    /// Appends a reply to its conversation; gives its number.
    @discardableResult
    func insertReply(
        _ reply: Reply, to session: Int64, from attempt: AttemptID, at now: Timestamp
    ) throws -> Int64 {
        let insert = try statement(
            """
            INSERT INTO messages (
                session_id, position, role, content, reasoning, status, finish_reason, attempt_id, extra,
                created_at, continuation)
            VALUES (
                ?1, (SELECT coalesce(max(position) + 1, 0) FROM messages WHERE session_id = ?1), 'assistant',
                ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """)
        insert.bind(1, session)
        insert.bind(2, reply.content)
        insert.bind(3, reply.reasoning)
        insert.bind(4, reply.status)
        insert.bind(5, reply.finishReason)
        insert.bind(6, attempt.number)
        insert.bind(7, reply.isExtra)
        insert.bind(8, now.milliseconds)
        insert.bind(9, reply.continuation?.text(sortsKeys: true))
        try insert.run()
        let message = connection.lastInsertedID
        try insertToolCalls(reply.toolCalls, of: message)
        return message
    }

    func insertToolCalls(_ calls: [ToolCall], of message: Int64) throws {
        for (position, call) in calls.enumerated() {
            let insert = try statement(
                """
                INSERT INTO tool_calls (message_id, position, call_id, name, raw, arguments, repaired, state)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                """)
            let arguments = call.arguments.object
            insert.bind(1, message)
            insert.bind(2, position)
            insert.bind(3, call.id)
            insert.bind(4, call.name)
            insert.bind(5, call.arguments.rawText)
            insert.bind(6, arguments.map { JSON.object($0).text(sortsKeys: true) })
            insert.bind(7, call.arguments.isRepaired)
            insert.bind(8, arguments == nil ? "invalid" as StaticString : "pending")
            try insert.run()
        }
    }
}

extension WriteContext.Reply {
    /// A whole answer.
    init(_ completion: Completion, isExtra: Bool = false) {
        self.init(
            content: completion.text, reasoning: completion.reasoning, toolCalls: completion.toolCalls,
            finishReason: completion.finishReason.word, continuation: completion.continuation,
            status: "complete", isExtra: isExtra)
    }
}
