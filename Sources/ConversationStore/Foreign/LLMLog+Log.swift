import ParleyCore

extension LLMLogReader {
    private struct Row {
        let id: Int64
        let model: String
        let prompt: String
        let system: String
        let response: String?
        let chat: Int64?
        let repliesTo: Int64?
        let options: String?
        let duration: Int64
        let at: String
    }

    /// Reads `log`, or `logs` as it was called at last: one row for each question with its answer.
    func readLog(_ table: String) throws {
        let columns = try database.columns(of: table)
        func column(_ names: String...) -> String { names.first { columns.contains($0) } ?? "NULL" }
        var rows: [Row] = []
        try database.rows(
            """
            SELECT \(columns.contains("id") ? "id" : "rowid"), model, prompt, \(column("system")), response,
                \(column("chat_id")), \(column("reply_to_id")), \(column("options_json", "options")),
                \(column("duration_ms")), \(column("datetime_utc", "timestamp_utc", "timestamp"))
            FROM "\(table)" ORDER BY 1
            """
        ) { row in
            rows.append(
                Row(
                    id: row.int(0), model: row.text(1), prompt: row.text(2), system: row.text(3),
                    response: row.optionalText(4), chat: row.optionalInt(5), repliesTo: row.optionalInt(6),
                    options: row.optionalText(7), duration: row.int(8), at: row.text(9)))
        }
        // A chat is named by its first row.
        var roots: [Int64: Int64] = [:]
        var order: [Int64] = []
        var chats: [Int64: [Row]] = [:]
        for row in rows {
            let root = row.chat ?? row.repliesTo.map { roots[$0] ?? $0 } ?? row.id
            roots[row.id] = root
            if chats[root] == nil { order.append(root) }
            chats[root, default: []].append(row)
        }
        for root in order { add(session(of: chats[root] ?? [])) }
    }

    /// Numbers begin at 1 in every database, so the moment of the first question is a part of the origin.
    private func session(of rows: [Row]) -> ImportedSession {
        var session = ImportedSession(
            origin: "llm:log:\(rows[0].at):\(rows[0].id)", place: "conversation \(rows[0].id)",
            model: ModelName(llm: rows[0].model), settings: Self.settings(options: rows.last?.options))
        var system = ""
        for row in rows {
            let at = Timestamp(iso8601: row.at)
            if !row.system.isEmpty, row.system != system {
                if session.messages.isEmpty {
                    session.system = row.system
                } else {
                    session.messages.append(ImportedMessage(.system(row.system), createdAt: at))
                }
                system = row.system
            }
            if !row.prompt.isEmpty {
                session.messages.append(ImportedMessage(.user(row.prompt), createdAt: at))
            }
            if let response = row.response {
                session.messages.append(
                    ImportedMessage(
                        .assistant(response), createdAt: at.map { $0 + .milliseconds(row.duration) },
                        answer: ImportedAnswer(model: row.model)))
            }
        }
        session.createdAt = Timestamp(iso8601: rows[0].at)
        session.updatedAt = session.messages.last?.createdAt
        return session
    }
}
