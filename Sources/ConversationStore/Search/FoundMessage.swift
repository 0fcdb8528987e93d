import Foundation
import GRDB
import ParleyCore

/// A hit with its whole text, before its excerpt is cut out.
struct FoundMessage {
    var hit: SearchHit
    let content: String
    let reasoning: String?
    /// The conversation from which this message was copied when it was forked.
    let copiedFrom: SessionID?

    static func fetchOne(_ database: Database, _ candidate: SearchReader.Candidate) throws -> FoundMessage? {
        let request = SQLRequest<Row>(
            literal: """
                SELECT m.session_id, m.position, m.role, m.created_at, m.content, m.reasoning,
                    m.extra OR m.set_aside_at IS NOT NULL AS is_history,
                    s.title, s.parent_id, m.position < coalesce(s.forked_messages, 0) AS is_copy,
                    coalesce(a.provider || '/' || a.model, s.model) AS model, j.job_key, b.name AS batch
                FROM messages m
                JOIN sessions s ON s.id = m.session_id
                LEFT JOIN attempts a ON a.id = m.attempt_id
                LEFT JOIN jobs j ON j.id = s.job_id
                LEFT JOIN batches b ON b.id = j.batch_id
                WHERE m.id = \(candidate.message)
                """)
        return try Row.fetchOne(database, request).map { FoundMessage($0, candidate) }
    }

    private init(_ row: Row, _ candidate: SearchReader.Candidate) {
        hit = SearchHit(
            message: MessageID(candidate.message), session: SessionID(row["session_id"]),
            position: row["position"], role: Message.Role(rawValue: row["role"]) ?? .user,
            createdAt: Timestamp(milliseconds: row["created_at"]), title: row["title"], model: row["model"],
            batch: row["batch"], jobKey: row["job_key"], isHistory: row["is_history"], excerpt: [],
            score: candidate.score)
        content = row["content"]
        reasoning = row["reasoning"]
        let parent = (row["parent_id"] as Int64?).map { SessionID($0) }
        copiedFrom = row["is_copy"] ? parent : nil
    }

    /// Without the copies that forks hold of messages which are there themselves.
    static func withoutCopies(_ found: [FoundMessage]) -> [FoundMessage] {
        found.filter { one in
            guard let source = one.copiedFrom else { return true }
            return !found.contains { $0.hit.session == source && $0.content == one.content }
        }
    }
}

/// Cuts out the words around what was found.
///
/// In an index of the found messages alone, in memory: that of all would have to walk through the places of each word
/// once more for every hit.
enum Excerpts {
    /// The words of an excerpt, at most.
    static let wordsMax = 28
    private static let start = "\u{1}"
    private static let end = "\u{2}"

    static func added(to found: [FoundMessage], of words: SearchExpression) throws -> [SearchHit] {
        guard !found.isEmpty else { return [] }
        let memory = try DatabaseQueue()
        defer { try? memory.close() }
        let texts = try memory.write { database in
            try database.execute(
                sql: """
                    CREATE VIRTUAL TABLE found USING fts5 (
                        content, reasoning, tokenize = 'unicode61 remove_diacritics 2')
                    """)
            for (index, one) in found.enumerated() {
                try database.execute(
                    literal: """
                        INSERT INTO found (rowid, content, reasoning)
                        VALUES (\(index), \(one.content), \(one.reasoning))
                        """)
            }
            let request = SQLRequest<Row>(
                literal: """
                    SELECT rowid, snippet(found, -1, \(start), \(end), '…', \(wordsMax)) FROM found
                    WHERE found MATCH \(words.match)
                    """)
            return try Row.fetchAll(database, request).reduce(into: [Int: String]()) { $0[$1[0]] = $1[1] }
        }
        return found.enumerated().map { index, one in
            var hit = one.hit
            hit.excerpt = pieces(of: texts[index] ?? "")
            return hit
        }
    }

    /// Takes the marks out of a text.
    static func pieces(of text: String) -> [SearchHit.Piece] {
        var pieces: [SearchHit.Piece] = []
        for (index, part) in text.components(separatedBy: start).enumerated() {
            let halves = part.components(separatedBy: end)
            if index > 0 { pieces.append(.init(halves[0], isMatch: true)) }
            let plain = index > 0 ? halves.dropFirst().joined() : part
            if !plain.isEmpty { pieces.append(.init(plain, isMatch: false)) }
        }
        return pieces.filter { !$0.text.isEmpty }
    }
}
