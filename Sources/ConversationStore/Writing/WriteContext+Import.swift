import ParleyCore

extension WriteContext {
    func importSession(
        _ source: ImportedSession, from file: String, into identity: String, at now: Timestamp
    ) throws -> ImportOutcome {
        let count = source.messages.count
        guard let known = try importRow(source.origin) else {
            if let own = try ownSession(source, in: identity) { return .known(SessionID(own)) }
            return .new(SessionID(try insert(source, from: file, at: now)), messages: count)
        }
        let session = SessionID(known.session)
        guard count >= known.messages, source.digest(first: known.messages) == known.digest else {
            return .changed(session)
        }
        guard count > known.messages else { return .known(session) }
        guard try isUntouched(known, source) else {
            return .continuedHere(session, missing: count - known.messages)
        }
        try append(source, after: known.messages, to: known.session, at: now)
        let update = try statement(
            "UPDATE imports SET messages = ?2, digest = ?3, source = ?4, imported_at = ?5 WHERE origin = ?1")
        update.bind(1, source.origin)
        update.bind(2, count)
        update.bind(3, source.digest(first: count))
        update.bind(4, file)
        update.bind(5, now.milliseconds)
        try update.run()
        return .grown(session, messages: count - known.messages)
    }

    private struct ImportRow {
        let session: Int64
        let messages: Int
        let digest: [UInt8]
    }

    private func importRow(_ origin: String) throws -> ImportRow? {
        let find = try statement("SELECT session_id, messages, digest FROM imports WHERE origin = ?1")
        find.bind(1, origin)
        guard try find.step() else { return nil }
        defer { find.reset() }
        return ImportRow(session: find.int(0), messages: find.count(1), digest: find.bytes(2))
    }

    /// What was exported from this very database and is still in it. A number is given again after the last conversation was
    /// deleted, so its birth is looked at too.
    private func ownSession(_ source: ImportedSession, in identity: String) throws -> Int64? {
        let prefix = "parley:\(identity):"
        guard source.origin.hasPrefix(prefix), let number = Int64(source.origin.dropFirst(prefix.count))
        else {
            return nil
        }
        let find = try statement("SELECT id FROM sessions WHERE id = ?1 AND created_at = ?2")
        find.bind(1, number)
        find.bind(2, source.createdAt?.milliseconds)
        return try find.firstInt()
    }

    /// Nothing was asked, taken out or put in since it was imported.
    private func isUntouched(_ row: ImportRow, _ source: ImportedSession) throws -> Bool {
        let find = try statement(
            """
            SELECT
                (SELECT count(*) FROM messages WHERE session_id = ?1) = ?2
                AND (SELECT count(*) FROM messages WHERE session_id = ?1 AND set_aside_at IS NOT NULL) = ?3
                AND NOT EXISTS (SELECT 1 FROM attempts WHERE session_id = ?1)
                AND NOT EXISTS (SELECT 1 FROM open_turns WHERE session_id = ?1)
            """)
        find.bind(1, row.session)
        find.bind(2, row.messages)
        find.bind(3, source.messages.prefix(row.messages).count { $0.setAsideAt != nil })
        return try find.firstInt() == 1
    }

    private func insert(_ source: ImportedSession, from file: String, at now: Timestamp) throws -> Int64 {
        let question = source.messages.first { $0.message.role == .user }?.message.content ?? ""
        let title = source.title.isEmpty ? SessionDraft.title(from: question) : source.title
        let session = try insertSession(
            title: title, role: source.role, model: source.model, system: source.system, job: nil,
            at: source.createdAt ?? source.messages.first?.createdAt ?? now)
        try setSettings(source.settings, of: session)
        try append(source, after: 0, to: session, at: now)
        if source.isArchived { try archive(session) }
        let insert = try statement(
            """
            INSERT INTO imports (origin, session_id, messages, digest, source, imported_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            """)
        insert.bind(1, source.origin)
        insert.bind(2, session)
        insert.bind(3, source.messages.count)
        insert.bind(4, source.digest(first: source.messages.count))
        insert.bind(5, file)
        insert.bind(6, now.milliseconds)
        try insert.run()
        return session
    }

    private func append(
        _ source: ImportedSession, after count: Int, to session: Int64, at now: Timestamp
    ) throws {
        for (position, message) in zip(count..., source.messages.dropFirst(count)) {
            try insert(message, into: session, at: position, now)
        }
        let last = source.updatedAt ?? source.messages.last?.createdAt ?? now
        try refreshStatus(of: session, at: last)
    }

    private func insert(
        _ imported: ImportedMessage, into session: Int64, at position: Int, _ now: Timestamp
    ) throws {
        let message = imported.message
        let isAnswer = message.role == .assistant
        let row = try statement(
            """
            INSERT INTO messages (
                session_id, position, role, content, reasoning, status, finish_reason, tool_call_id, is_error,
                is_protected, extra, created_at, continuation, set_aside_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
            """)
        row.bind(1, session)
        row.bind(2, position)
        row.bind(3, message.role.rawValue)
        row.bind(4, message.content)
        row.bind(5, message.reasoning)
        row.bind(6, isAnswer && imported.isPartial ? "partial" as StaticString : "complete")
        row.bind(7, imported.finishReason)
        row.bind(8, message.role == .tool ? message.toolCallID ?? "" : nil)
        row.bind(9, message.isError)
        row.bind(10, message.isProtected)
        row.bind(11, isAnswer && imported.isExtra)
        row.bind(12, (imported.createdAt ?? now).milliseconds)
        row.bind(13, isAnswer ? message.continuation?.text(sortsKeys: true) : nil)
        row.bind(14, imported.setAsideAt?.milliseconds)
        try row.run()
        let id = connection.lastInsertedID
        try insertToolCalls(message.toolCalls, of: id)
        if message.role == .tool, imported.setAsideAt == nil {
            try noteResult(message, in: session, before: position)
        }
        if let answer = imported.answer, !answer.isEmpty { try insert(answer, of: id) }
    }

    /// Writes a result to the call that it answers: the last one of that id before it.
    private func noteResult(_ message: Message, in session: Int64, before position: Int) throws {
        let update = try statement(
            """
            UPDATE tool_calls SET state = 'answered', result = ?4, is_error = ?5
            WHERE state = 'pending' AND id = (
                SELECT c.id FROM messages m JOIN tool_calls c ON c.message_id = m.id
                WHERE m.session_id = ?1 AND m.position < ?2 AND c.call_id = ?3
                ORDER BY m.position DESC, c.position LIMIT 1)
            """)
        update.bind(1, session)
        update.bind(2, position)
        update.bind(3, message.toolCallID ?? "")
        update.bind(4, message.content)
        update.bind(5, message.isError)
        try update.run()
    }

    private func insert(_ answer: ImportedAnswer, of message: Int64) throws {
        let insert = try statement(
            """
            INSERT INTO imported_answers (message_id, model, usage, cost_picodollars) VALUES (?1, ?2, ?3, ?4)
            """)
        insert.bind(1, message)
        insert.bind(2, answer.model)
        insert.bind(3, answer.usage?.json.text())
        insert.bind(4, answer.cost?.value)
        try insert.run()
    }
}
