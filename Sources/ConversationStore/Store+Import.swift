import Crypto
import GRDB
public import ParleyCore

extension Store {
    /// So many conversations are stored in one transaction.
    static let importedAtOnce = 100

    /// Stores conversations that came from elsewhere, each whole or not at all; what became of each, in their order.
    ///
    /// What was imported before is not stored twice: a conversation that has grown at its source gets its new messages, unless
    /// it went on here too. What its answers took stands beside them for people to read: it is on no bill, in no report.
    ///
    /// - Parameter source: the name of the file, to be remembered.
    public func importSessions(
        _ sessions: [ImportedSession], from source: String
    ) async throws -> [ImportOutcome] {
        let now = time.now
        var outcomes: [ImportOutcome] = []
        var rest = sessions[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(Self.importedAtOnce))
            rest = rest.dropFirst(Self.importedAtOnce)
            outcomes += try await write { [identity] context in
                try part.map { try context.importSession($0, from: source, into: identity, at: now) }
            }
        }
        return outcomes
    }

    /// What the sources of a conversation's imported answers say of them.
    public func importedAnswers(of session: SessionID) async throws -> [MessageID: ImportedAnswer] {
        try await read { database in
            let rows = try Row.fetchAll(
                database,
                SQLRequest(
                    literal: """
                        SELECT i.message_id, i.model, i.usage, i.cost_picodollars
                        FROM messages m JOIN imported_answers i ON i.message_id = m.id
                        WHERE m.session_id = \(session.number)
                        """))
            var answers: [MessageID: ImportedAnswer] = [:]
            for row in rows {
                answers[MessageID(row[0])] = ImportedAnswer(
                    model: row[1],
                    usage: try (row[2] as String?).map { Usage(document: try JSON(parsing: $0)) },
                    cost: (row[3] as Int64?).map { Picodollars($0) })
            }
            return answers
        }
    }

    /// Where a conversation was imported from; nil for one that began here.
    public func importOrigin(of session: SessionID) async throws -> String? {
        try await read { database in
            try String.fetchOne(
                database,
                SQLRequest(literal: "SELECT origin FROM imports WHERE session_id = \(session.number)"))
        }
    }
}

extension ImportedSession {
    /// An origin for what has no id of its own: the hash of its content, so that the same content is the same source.
    public static func origin(_ kind: String, hashing bytes: [UInt8]) -> String {
        let digits = SHA256.hash(data: bytes).map {
            String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
        }
        return "\(kind):\(digits.joined())"
    }

    /// The origin of a conversation of that database.
    public static func origin(of session: SessionID, in identity: String) -> String {
        "parley:\(identity):\(session)"
    }

    /// Of the first so many messages: what was said, in what order, and by whom. The ids of calls are not in it: some sources
    /// have none, and then they are made up.
    func digest(first count: Int) -> [UInt8] {
        var hash = SHA256()
        func add(_ text: String) {
            hash.update(data: Array("\(text.utf8.count):".utf8))
            hash.update(data: Array(text.utf8))
        }
        for imported in messages.prefix(count) {
            let message = imported.message
            add(message.role.rawValue)
            add(message.content)
            for call in message.toolCalls {
                add(call.name)
                add(call.arguments.rawText)
            }
        }
        return Array(hash.finalize())
    }
}

extension Usage {
    /// Reads what ``json`` wrote; what is missing is 0.
    public init(document: JSON) {
        func count(_ name: String) -> Int { max(0, document[name]?.intValue ?? 0) }
        self.init(
            inputUncached: count("input"), cacheRead: count("cache_read"), cacheWrite5m: count("cache_write"),
            output: count("output"), reasoning: count("reasoning"))
    }
}
