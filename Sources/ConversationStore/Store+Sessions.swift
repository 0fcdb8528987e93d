import GRDB
public import ParleyCore

extension Store {
    /// The conversation of that number; nil where there is none.
    public func session(_ id: SessionID) async throws -> SessionRecord? {
        try await read { database in
            try Row.fetchOne(
                database,
                SQLRequest(literal: "\(SessionRecord.select) WHERE s.id = \(id.number)")
            ).map { try SessionRecord($0) }
        }
    }

    public func requireSession(_ id: SessionID) async throws -> SessionRecord {
        guard let record = try await session(id) else { throw StoreError.sessionUnknown(id) }
        return record
    }

    /// The conversation by hand that was last written in; nil where there is none.
    public func lastSession() async throws -> SessionRecord? {
        try await read { database in
            try Row.fetchOne(
                database,
                SQLRequest(
                    literal: """
                        \(SessionRecord.select) WHERE s.job_id IS NULL AND s.status <> 'archived'
                        ORDER BY s.updated_at DESC, s.id DESC LIMIT 1
                        """)
            ).map { try SessionRecord($0) }
        }
    }

    /// Changes what a conversation by hand goes on with; what was said in it stays.
    public func change(_ session: SessionID, _ change: SessionChange) async throws {
        try await write { context in
            let find = try context.statement("SELECT job_id FROM sessions WHERE id = ?1")
            find.bind(1, session.number)
            guard try find.step() else { throw StoreError.sessionUnknown(session) }
            let isOfJob = !find.isNull(0)
            find.reset()
            guard !isOfJob else { throw StoreError.sessionOfJob(session) }
            let update = try context.statement(
                """
                UPDATE sessions SET
                    title = coalesce(?2, title), role = coalesce(?3, role), model = coalesce(?4, model)
                WHERE id = ?1
                """)
            update.bind(1, session.number)
            update.bind(2, change.title)
            update.bind(3, change.role)
            update.bind(4, change.model?.description)
            try update.run()
            if let settings = change.settings { try context.setSettings(settings, of: session.number) }
            if let system = change.system {
                let id = system.isEmpty ? nil : try context.contentID(of: system)
                let update = try context.statement("UPDATE sessions SET system_id = ?2 WHERE id = ?1")
                update.bind(1, session.number)
                update.bind(2, id)
                try update.run()
            }
        }
    }

    /// A conversation as it is stored, in order; with what was taken out, and what is not its job's.
    ///
    /// - Parameters:
    ///   - last: no more than so many of the last; nil = all.
    public func messages(of session: SessionID, last: Int? = nil) async throws -> [StoredMessage] {
        try await read { database in
            let limit = last ?? -1
            let rows = try Row.fetchAll(
                database,
                SQLRequest(
                    literal: """
                        \(StoredMessage.select) WHERE m.session_id = \(session.number)
                        ORDER BY m.position DESC LIMIT \(limit)
                        """))
            var messages = try rows.reversed().map { try StoredMessage($0) }
            guard let first = messages.first?.position else { return [] }
            let calls = try Self.calls(of: session, from: first, in: database)
            for index in messages.indices {
                messages[index].calls = calls[messages[index].id] ?? []
                messages[index].message.toolCalls = messages[index].calls.map(\.call)
            }
            return messages
        }
    }

    private static func calls(
        of session: SessionID, from position: Int, in database: Database
    ) throws -> [MessageID: [StoredCall]] {
        let rows = try Row.fetchAll(
            database,
            SQLRequest(
                literal: """
                    \(StoredCall.select)
                    WHERE m.session_id = \(session.number) AND m.position >= \(position)
                    ORDER BY c.message_id, c.position
                    """))
        var calls: [MessageID: [StoredCall]] = [:]
        for row in rows {
            calls[MessageID(row["message_id"]), default: []].append(try StoredCall(row))
        }
        return calls
    }
}

extension SessionRecord {
    static let select: SQL = """
        SELECT s.id, s.title, s.role, s.model, c.text AS system, s.settings, s.status, s.parent_id, s.forked_messages,
            s.job_id, s.created_at, s.updated_at,
            EXISTS (SELECT 1 FROM open_turns t WHERE t.session_id = s.id) AS is_answered
        FROM sessions s LEFT JOIN contents c ON c.id = s.system_id
        """

    init(_ row: Row) throws {
        self.init(
            id: SessionID(row["id"]), title: row["title"], role: row["role"],
            model: ModelName(row["model"]) ?? ModelName(provider: "unknown", model: row["model"]),
            system: row["system"],
            settings: try (row["settings"] as String?).map { SessionSettings(json: try JSON(parsing: $0)) }
                ?? SessionSettings(),
            status: SessionStatus(rawValue: row["status"]) ?? .active,
            parent: (row["parent_id"] as Int64?).map { SessionID($0) },
            forkedMessages: row["forked_messages"],
            job: (row["job_id"] as Int64?).map { JobID($0) },
            createdAt: Timestamp(milliseconds: row["created_at"]),
            updatedAt: Timestamp(milliseconds: row["updated_at"]), isBeingAnswered: row["is_answered"])
    }
}

extension StoredMessage {
    static let select: SQL = """
        SELECT m.id, m.position, m.role, m.content, m.reasoning, m.status, m.finish_reason, m.extra, m.set_aside_at,
            m.attempt_id, m.tool_call_id, m.is_error, m.is_protected, m.continuation, m.created_at,
            a.provider, a.model, u.reported, u.input_uncached, u.cache_read, u.cache_write_5m, u.cache_write_1h,
            u.output, u.reasoning AS reasoning_tokens, u.cost_picodollars
        FROM messages m
        LEFT JOIN attempts a ON a.id = m.attempt_id
        LEFT JOIN token_usage u ON u.attempt_id = m.attempt_id
        """

    init(_ row: Row) throws {
        let continuation = try (row["continuation"] as String?).map { try JSON(parsing: $0) }
        self.init(
            id: MessageID(row["id"]), position: row["position"],
            message: Message(
                role: Message.Role(rawValue: row["role"]) ?? .user, content: row["content"],
                reasoning: row["reasoning"], toolCallID: row["tool_call_id"], isError: row["is_error"],
                isProtected: row["is_protected"], continuation: continuation),
            isPartial: row["status"] == "partial", finishReason: row["finish_reason"],
            isExtra: row["extra"],
            setAsideAt: (row["set_aside_at"] as Int64?).map { Timestamp(milliseconds: $0) },
            attempt: (row["attempt_id"] as Int64?).map { AttemptID($0) },
            model: (row["provider"] as String?).map {
                ModelName(provider: ProviderName($0), model: row["model"])
            },
            usage: (row["reported"] as Bool?) == true ? Usage(row) : nil,
            cost: (row["cost_picodollars"] as Int64?).map { Picodollars($0) },
            createdAt: Timestamp(milliseconds: row["created_at"]), calls: [])
    }
}

extension Usage {
    fileprivate init(_ row: Row) {
        self.init(
            inputUncached: row["input_uncached"], cacheRead: row["cache_read"],
            cacheWrite5m: row["cache_write_5m"], cacheWrite1h: row["cache_write_1h"], output: row["output"],
            reasoning: row["reasoning_tokens"])
    }
}

extension StoredCall {
    static let select: SQL = """
        SELECT c.id, c.message_id, m.session_id, c.call_id, c.name, c.raw, c.arguments, c.repaired, c.state, c.result,
            c.is_error, c.started_at
        FROM tool_calls c JOIN messages m ON m.id = c.message_id
        """

    init(_ row: Row) throws {
        self.init(
            id: ToolCallID(row["id"]), session: SessionID(row["session_id"]),
            call: ToolCall(
                id: row["call_id"], name: row["name"],
                arguments: try ToolCall.Arguments(
                    raw: row["raw"], object: row["arguments"], isRepaired: row["repaired"])),
            state: State(rawValue: row["state"]) ?? .pending, result: row["result"],
            isError: row["is_error"],
            startedAt: (row["started_at"] as Int64?).map { Timestamp(milliseconds: $0) })
    }
}
