import OrderedCollections
import ParleyCore

/// Reads the `logs.db` of the command-line tool `llm` (llm.datasette.io), of every version that it ever had.
///
/// Three designs may stand in one file: the table `log`, later `logs`, until 0.5; `conversations` and `responses` after it;
/// and since 0.32 `threads`, `turns` and `messages`. A conversation that went on in a newer design is taken from there, where
/// all of it stands. Fragments are put into the text as `llm` sends them. Options other than the temperature and the
/// most tokens are not taken, nor is what a tool of the provider itself did.
public enum LLMLog {
    /// Whether the file is an SQLite database; whose, ``read(_:)`` finds out.
    public static func isDatabase(_ path: String) -> Bool { ForeignDatabase.isDatabase(path) }

    /// All conversations of the file. Throws an ``ImportProblem`` for a file that is no such database; a conversation that
    /// cannot be taken whole, because it has an attachment, is among the problems.
    public static func read(_ path: String) throws -> ImportedFile {
        let reader = try LLMLogReader(path)
        try reader.read()
        return reader.file
    }
}

/// Gathers the conversations of one file.
final class LLMLogReader {
    let path: String
    let database: ForeignDatabase
    private(set) var file = ImportedFile()
    /// The conversations that have been read from a newer design.
    var known: Set<String> = []

    init(_ path: String) throws {
        self.path = path
        database = try ForeignDatabase(path)
    }

    func read() throws {
        let turns = try database.columns(of: "turns")
        let responses = try database.columns(of: "responses")
        let tables = ["log", "logs"]
        let logs = try tables.filter { try database.columns(of: $0).isSuperset(of: ["prompt", "response"]) }
        let isLLM = turns.contains("tip_message_hash") || responses.contains("prompt") || !logs.isEmpty
        guard isLLM else {
            throw ImportProblem(
                file: path,
                reason: "this is a database, but not the logs.db of `llm`: it has no table of its responses")
        }
        if turns.contains("tip_message_hash") { try readThreads() }
        if responses.contains("prompt") { try readResponses(responses) }
        for table in logs { try readLog(table) }
    }

    func add(_ session: ImportedSession) {
        guard !session.messages.isEmpty else { return }
        file.sessions.append(session)
    }

    /// A conversation that went on in a newer design has all its texts there, but of its older turns no moments, models and
    /// tokens: those are taken from the older design.
    func complete(with older: ImportedSession) {
        guard let index = file.sessions.firstIndex(where: { $0.origin == older.origin }) else { return }
        let count = older.messages.count
        guard file.sessions[index].messages.count >= count,
            file.sessions[index].digest(first: count) == older.digest(first: count)
        else { return }
        for (position, message) in older.messages.enumerated() {
            file.sessions[index].messages[position].createdAt = message.createdAt
            file.sessions[index].messages[position].answer = message.answer
        }
        file.sessions[index].createdAt = older.createdAt
    }

    func refuse(_ conversation: String, because reason: String) {
        file.problems.append(
            ImportProblem(file: path, place: "conversation \(conversation)", reason: reason))
    }

    /// The temperature and the limit of the answers, under the names that most models of `llm` give them.
    static func settings(options: String?) -> SessionSettings {
        guard let options = options.flatMap({ try? JSON(parsing: $0) }) else { return SessionSettings() }
        return SessionSettings(
            maxTokens: options["max_tokens"]?.intValue, temperature: options["temperature"]?.doubleValue)
    }

    static func usage(input: Int64?, output: Int64?) -> Usage? {
        guard input != nil || output != nil else { return nil }
        return Usage(inputUncached: Int(max(0, input ?? 0)), output: Int(max(0, output ?? 0)))
    }

    /// As `llm` joins the fragments of a prompt and the prompt.
    static func prompt(_ fragments: [String], _ prompt: String?) -> String {
        (fragments + (prompt.map { $0.isEmpty ? [] : [$0] } ?? [])).joined(separator: "\n")
    }

    /// As `llm` joins the fragments of a system prompt and the system prompt.
    static func system(_ fragments: [String], _ system: String?) -> String {
        (fragments + [system ?? ""]).map { $0.trimmedOfSpace }.filter { !$0.isEmpty }
            .joined(separator: "\n\n")
    }
}

extension String {
    fileprivate var trimmedOfSpace: String {
        let start = drop(while: \.isWhitespace)
        let kept = start.reversed().drop(while: \.isWhitespace).count
        return String(start.prefix(kept))
    }
}

extension ModelName {
    /// A model of `llm`, whose names seldom say the provider. What cannot be told is `llm/…`, and cannot be asked here.
    init(llm id: String) {
        let known: [(String, ProviderName)] = [
            ("gpt-", "openai"), ("chatgpt-", "openai"), ("o1", "openai"), ("o3", "openai"), ("o4", "openai"),
            ("claude-", "anthropic"), ("gemini-", "gemini"), ("deepseek-", "deepseek"), ("grok-", "xai"),
        ]
        if let name = ModelName(id) {
            self = name
        } else {
            let provider = known.first { id.hasPrefix($0.0) }?.1 ?? "llm"
            self.init(provider: provider, model: id.isEmpty ? "unknown" : id)
        }
    }
}
