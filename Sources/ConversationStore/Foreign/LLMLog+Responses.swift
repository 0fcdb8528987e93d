import OrderedCollections
import ParleyCore

/// The rows that belong to responses, by their ids.
private struct LLMResponseParts {
    var promptFragments: [String: [String]] = [:]
    var systemFragments: [String: [String]] = [:]
    var calls: [String: [ToolCall]] = [:]
    var results: [String: [Message]] = [:]
    var attached: Set<String> = []

    init(_ database: ForeignDatabase) throws {
        promptFragments = try Self.fragments("prompt_fragments", database)
        systemFragments = try Self.fragments("system_fragments", database)
        if try !database.columns(of: "prompt_attachments").isEmpty {
            try database.rows("SELECT response_id FROM prompt_attachments") { attached.insert($0.text(0)) }
        }
        if try !database.columns(of: "tool_results_attachments").isEmpty {
            try database.rows(
                """
                SELECT r.response_id FROM tool_results_attachments a
                JOIN tool_results r ON r.id = a.tool_result_id
                """
            ) { attached.insert($0.text(0)) }
        }
        guard try !database.columns(of: "tool_calls").isEmpty else { return }
        try database.rows("SELECT response_id, name, arguments, tool_call_id FROM tool_calls ORDER BY id") {
            row in
            calls[row.text(0), default: []].append(
                ToolCall(
                    id: row.optionalText(3) ?? "", name: row.text(1), arguments: .init(reading: row.text(2))))
        }
        let hasException = try database.columns(of: "tool_results").contains("exception")
        try database.rows(
            """
            SELECT response_id, name, output, tool_call_id, \(hasException ? "exception" : "NULL")
            FROM tool_results ORDER BY id
            """
        ) { row in
            let id = row.optionalText(3) ?? OpenCalls.mark + row.text(1)
            results[row.text(0), default: []].append(
                Message(
                    role: .tool, content: row.text(2), toolCallID: id,
                    isError: !(row.optionalText(4) ?? "").isEmpty))
        }
    }

    private static func fragments(
        _ table: String, _ database: ForeignDatabase
    ) throws -> [String: [String]] {
        guard try !database.columns(of: table).isEmpty else { return [:] }
        var texts: [String: [String]] = [:]
        try database.rows(
            """
            SELECT p.response_id, f.content FROM "\(table)" p JOIN fragments f ON f.id = p.fragment_id
            ORDER BY p.response_id, p."order"
            """
        ) { texts[$0.text(0), default: []].append($0.text(1)) }
        return texts
    }
}

extension LLMLogReader {
    private struct Row {
        let id: String
        let model: String
        let prompt: String?
        let system: String?
        let response: String?
        let reasoning: String?
        let options: String?
        let duration: Int64
        let at: Timestamp?
        let usage: Usage?
        let resolvedModel: String?
    }

    /// Reads `conversations` and `responses`, but for conversations that went on in a newer design.
    func readResponses(_ columns: Set<String>) throws {
        let parts = try LLMResponseParts(database)
        func column(_ name: String) -> String { columns.contains(name) ? "r.\(name)" : "NULL" }
        var rows: OrderedDictionary<String, [Row]> = [:]
        var names: [String: String] = [:]
        try database.rows(
            """
            SELECT r.id, r.model, r.prompt, r.system, r.response, \(column("reasoning")), r.options_json,
                r.duration_ms, r.datetime_utc, \(column("input_tokens")), \(column("output_tokens")),
                \(column("resolved_model")), coalesce(r.conversation_id, r.id), c.name
            FROM responses r LEFT JOIN conversations c ON c.id = r.conversation_id
            ORDER BY r.id
            """
        ) { row in
            let conversation = row.text(12)
            names[conversation] = row.optionalText(13)
            rows[conversation, default: []].append(
                Row(
                    id: row.text(0), model: row.text(1), prompt: row.optionalText(2),
                    system: row.optionalText(3), response: row.optionalText(4),
                    reasoning: row.optionalText(5), options: row.optionalText(6), duration: row.int(7),
                    at: Timestamp(iso8601: row.text(8)),
                    usage: Self.usage(input: row.optionalInt(9), output: row.optionalInt(10)),
                    resolvedModel: row.optionalText(11)))
        }
        for (conversation, rows) in rows {
            let session = session(conversation, names[conversation], rows, parts)
            if known.contains(conversation) {
                complete(with: session)
            } else if let row = rows.first(where: { parts.attached.contains($0.id) }) {
                refuse(
                    conversation,
                    because: "its response \(row.id) has an attachment, and parley keeps text only")
            } else {
                add(session)
            }
        }
    }

    private func session(
        _ conversation: String, _ name: String?, _ rows: [Row], _ parts: LLMResponseParts
    ) -> ImportedSession {
        var session = ImportedSession(
            origin: "llm:\(conversation)", place: "conversation \(conversation)",
            title: SessionDraft.title(from: name ?? ""), model: ModelName(llm: rows[0].model),
            settings: Self.settings(options: rows.last?.options))
        var system = ""
        var open = OpenCalls()
        for row in rows {
            let ownSystem = Self.system(parts.systemFragments[row.id] ?? [], row.system)
            if !ownSystem.isEmpty, ownSystem != system {
                if session.messages.isEmpty {
                    session.system = ownSystem
                } else {
                    session.messages.append(ImportedMessage(.system(ownSystem), createdAt: row.at))
                }
                system = ownSystem
            }
            for var result in parts.results[row.id] ?? [] {
                open.name(&result)
                session.messages.append(ImportedMessage(result, createdAt: row.at))
            }
            let prompt = Self.prompt(parts.promptFragments[row.id] ?? [], row.prompt)
            if !prompt.isEmpty {
                session.messages.append(ImportedMessage(.user(prompt), createdAt: row.at))
            }
            let calls = parts.calls[row.id] ?? []
            guard row.response != nil || !calls.isEmpty else { continue }
            let reasoning = row.reasoning.flatMap { $0.isEmpty ? nil : $0 }
            var message = Message(
                role: .assistant, content: row.response ?? "", reasoning: reasoning, toolCalls: calls)
            open.name(&message)
            session.messages.append(
                ImportedMessage(
                    message,
                    createdAt: row.at.map { $0 + .milliseconds(row.duration) },
                    answer: ImportedAnswer(model: row.resolvedModel ?? row.model, usage: row.usage)))
        }
        session.createdAt = rows[0].at
        session.updatedAt = session.messages.last?.createdAt
        return session
    }
}
