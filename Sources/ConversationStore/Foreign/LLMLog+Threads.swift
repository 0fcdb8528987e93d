import OrderedCollections
import ParleyCore

/// A row of `messages`, with the texts of its parts put together.
private struct LLMMessage {
    let parent: String?
    let role: String
    var text = ""
    var reasoning = ""
    var calls: [ToolCall] = []
    var results: [Message] = []
    var hasAttachment = false

    /// What it is in parley: a tool's message is one for each result.
    var messages: [Message] {
        switch role {
        case "tool": results
        case "assistant":
            [
                Message(
                    role: .assistant, content: text, reasoning: reasoning.isEmpty ? nil : reasoning,
                    toolCalls: calls)
            ]
        case "system": text.isEmpty ? [] : [.system(text)]
        default: text.isEmpty ? results : results + [.user(text)]
        }
    }
}

/// Gives ids to calls and results that have none: older versions of `llm` told them by the name of their tool.
struct OpenCalls {
    /// What a result without an id has instead: this, and the name of its tool.
    static let mark = "\u{0}"

    private var ids: [String: [String]] = [:]
    private var count = 0

    mutating func name(_ message: inout Message) {
        for index in message.toolCalls.indices {
            count += 1
            if message.toolCalls[index].id.isEmpty { message.toolCalls[index].id = "call_\(count)" }
            ids[message.toolCalls[index].name, default: []].append(message.toolCalls[index].id)
        }
        guard message.role == .tool, let id = message.toolCallID, id.hasPrefix(Self.mark) else { return }
        let name = String(id.dropFirst())
        message.toolCallID = ids[name]?.first ?? "call"
        if ids[name]?.isEmpty == false { ids[name]?.removeFirst() }
    }
}

/// A row of `turns`: one request.
private struct LLMTurn {
    let id: String
    let tip: String
    let model: String
    let resolvedModel: String?
    let options: String?
    let usage: Usage?
    let duration: Int64
    let at: Timestamp?
    let parent: String?
}

extension LLMLogReader {
    /// Reads `threads`, `turns` and the tree of `messages`.
    ///
    /// A thread is the chain that ends in its tip. An answer that was left behind when the thread went on from an earlier
    /// message is a conversation of its own.
    func readThreads() throws {
        let messages = try llmMessages()
        var turns: [String: [LLMTurn]] = [:]
        try database.rows(
            """
            SELECT id, tip_message_hash, model, resolved_model, options_json, input_tokens, output_tokens, duration_ms,
                datetime_utc, parent_message_hash, coalesce(thread_id, id)
            FROM turns WHERE tip_message_hash IS NOT NULL ORDER BY id
            """
        ) { row in
            turns[row.text(10), default: []].append(
                LLMTurn(
                    id: row.text(0), tip: row.text(1), model: row.text(2),
                    resolvedModel: row.optionalText(3), options: row.optionalText(4),
                    usage: Self.usage(input: row.optionalInt(5), output: row.optionalInt(6)),
                    duration: row.int(7), at: Timestamp(iso8601: row.text(8)), parent: row.optionalText(9)))
        }
        var threads: OrderedDictionary<String, (name: String?, tip: String?)> = [:]
        try database.rows("SELECT id, name, tip_message_hash FROM threads ORDER BY id") {
            threads[$0.text(0)] = ($0.optionalText(1), $0.optionalText(2))
        }
        for id in turns.keys.sorted() where threads[id] == nil { threads[id] = (nil, turns[id]?.last?.tip) }
        for (id, thread) in threads {
            guard let tip = thread.tip else { continue }
            known.insert(id)
            let own = turns[id] ?? []
            addChain(to: tip, origin: "llm:\(id)", thread.name, own, messages, of: id)
            var seen = Set(chain(to: tip, messages))
            for turn in own.reversed() where !seen.contains(turn.tip) {
                seen.formUnion(chain(to: turn.tip, messages))
                addChain(to: turn.tip, origin: "llm:\(id)/\(turn.id)", thread.name, own, messages, of: id)
            }
        }
    }

    /// The hashes from the first message to this one.
    private func chain(to tip: String, _ messages: [String: LLMMessage]) -> [String] {
        var chain: [String] = []
        var next: String? = tip
        while let hash = next, let message = messages[hash] {
            chain.append(hash)
            next = message.parent
        }
        return chain.reversed()
    }

    private func addChain(
        to tip: String, origin: String, _ name: String?, _ turns: [LLMTurn],
        _ messages: [String: LLMMessage], of thread: String
    ) {
        let chain = chain(to: tip, messages)
        guard !chain.contains(where: { messages[$0]?.hasAttachment == true }) else {
            return refuse(thread, because: "it has an attachment, and parley keeps text only")
        }
        // Which turn brought a message: the one whose tip it is, or the first of those behind it.
        let byTip = Dictionary(turns.map { ($0.tip, $0) }, uniquingKeysWith: { first, _ in first })
        let last = chain.last { byTip[$0] != nil }.flatMap { byTip[$0] } ?? turns.last
        var session = ImportedSession(
            origin: origin, place: "conversation \(thread)", title: SessionDraft.title(from: name ?? ""),
            model: ModelName(llm: last?.model ?? ""), settings: Self.settings(options: last?.options))
        var system = ""
        var open = OpenCalls()
        var owners: [LLMTurn?] = []
        var owner: LLMTurn?
        for hash in chain.reversed() {
            owner = byTip[hash] ?? owner
            owners.append(owner)
        }
        for (hash, turn) in zip(chain, owners.reversed()) {
            guard let stored = messages[hash] else { continue }
            if stored.role == "system" {
                // A thread that began in an older design says its system prompt again at each turn.
                if stored.text == system { continue }
                system = stored.text
                if session.messages.isEmpty, session.system == nil {
                    session.system = system
                    continue
                }
            }
            for var message in stored.messages {
                open.name(&message)
                let isAnswer = message.role == .assistant
                let answer =
                    turn.map { ImportedAnswer(model: $0.resolvedModel ?? $0.model, usage: $0.usage) }
                session.messages.append(
                    ImportedMessage(
                        message,
                        createdAt: turn?.at.map { isAnswer ? $0 + .milliseconds(turn?.duration ?? 0) : $0 },
                        answer: isAnswer && turn?.tip == hash ? answer : nil))
            }
        }
        session.createdAt = session.messages.first?.createdAt
        session.updatedAt = session.messages.last?.createdAt
        add(session)
    }

    private func llmMessages() throws -> [String: LLMMessage] {
        var fragments: [Int: String] = [:]
        try database.rows("SELECT id, content FROM fragments") { fragments[$0.count(0)] = $0.text(1) }
        var messages: [String: LLMMessage] = [:]
        try database.rows("SELECT hash, parent_hash, role FROM messages") {
            messages[$0.text(0)] = LLMMessage(parent: $0.optionalText(1), role: $0.text(2))
        }
        try database.rows(
            "SELECT id, message_hash, type, text, payload FROM parts ORDER BY message_hash, position"
        ) { row in
            let payload = try row.optionalText(4).map { try parsed($0, of: row.int(0)) } ?? .object([:])
            let text =
                row.optionalText(3) ?? payload["text_ref"]?.arrayValue.map { Self.text(of: $0, fragments) }
                ?? ""
            messages[row.text(1)]?.add(row.text(2), text, payload)
        }
        return messages
    }

    private func parsed(_ payload: String, of part: Int64) throws -> JSON {
        do { return try JSON(parsing: payload) } catch {
            throw ImportProblem(
                file: path, place: "part \(part)", reason: "its payload is not JSON: \(error.reason)")
        }
    }

    /// A text that borrows from fragments.
    private static func text(of pieces: [JSON], _ fragments: [Int: String]) -> String {
        pieces.map { piece in
            piece["literal"]?.stringValue ?? piece["fragment"]?.intValue.flatMap { fragments[$0] } ?? ""
        }.joined()
    }
}

extension LLMMessage {
    /// What the provider's own tools did stays with the provider: it is no call that anybody here could run.
    mutating func add(_ type: String, _ text: String, _ payload: JSON) {
        let isProviders = payload["server_executed"]?.boolValue == true
        switch type {
        case "text": self.text += text
        case "reasoning": reasoning += text
        case "tool_call" where !isProviders:
            calls.append(
                ToolCall(
                    id: payload["tool_call_id"]?.stringValue ?? "",
                    name: payload["name"]?.stringValue ?? "",
                    arguments: payload["arguments"]?.objectValue.map { .parsed($0) }
                        ?? .init(reading: payload["arguments"]?.text() ?? "")))
        case "tool_result" where !isProviders:
            results.append(
                Message(
                    role: .tool, content: payload["output"]?.stringValue ?? payload["output"]?.text() ?? "",
                    toolCallID: payload["tool_call_id"]?.stringValue
                        ?? OpenCalls.mark + (payload["name"]?.stringValue ?? ""),
                    isError: payload["exception"]?.stringValue != nil))
            if payload["attachments"]?.arrayValue?.isEmpty == false { hasAttachment = true }
        case "attachment": hasAttachment = true
        default: break
        }
    }
}
