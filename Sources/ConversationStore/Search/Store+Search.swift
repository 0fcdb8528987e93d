import GRDB
import ParleyCore

extension Store {
    /// Looks for words in all that was ever said: texts, reasoning, results of tools; of people's conversations and of jobs'.
    ///
    /// The index is brought up to date first, which after a large batch takes some seconds for each million messages;
    /// `progress` is called after each step. A store that is open for reading searches what the index has. The best
    /// come first: those where rare words come often in a short text, the newer of two that are alike.
    public func search(
        _ query: SearchQuery, progress: @Sendable (SearchIndexProgress) -> Void = { _ in }
    ) async throws -> SearchPage {
        if !isReadOnly { try await catchUpWithMessages(progress: progress) }
        let now = time.now
        return try await read { try SearchReader(query, now: now).page(in: $0) }
    }

    /// Of more messages that fit, only so many of the newest are weighed.
    public static let searchMatchesMax = 10_000
    /// Of more messages with the words, only so many of the newest are held against the filters.
    public static let searchLooksMax = 100_000
}

/// One search in one snapshot of the database.
struct SearchReader {
    private let query: SearchQuery
    private let now: Timestamp
    var matchesMax = Store.searchMatchesMax
    var looksMax = Store.searchLooksMax

    struct Candidate {
        let message: Int64
        /// Greater is better.
        let score: Double
    }

    init(_ query: SearchQuery, now: Timestamp) {
        self.query = query
        self.now = now
    }

    func page(in database: Database) throws -> SearchPage {
        var page = SearchPage(hits: [], matches: 0, reach: .all, unindexed: 0)
        page.unindexed = try Int.fetchOne(database, sql: Self.unindexedSQL) ?? 0
        var candidates = try candidates(in: database, &page)
        page.matches = candidates.count
        candidates.sort { ($0.score, $0.message) > ($1.score, $1.message) }
        // The newer one wins among those that are nearly alike, so some more are looked at than are shown.
        let finalists = candidates.prefix(query.limit * 2 + 50)
        var hits = try finalists.compactMap { try FoundMessage.fetchOne(database, $0) }
        for index in hits.indices {
            hits[index].hit.score *= SearchRecency.factor(hits[index].hit.createdAt, now: now)
        }
        hits.sort { ($0.hit.score, $0.hit.message.number) > ($1.hit.score, $1.hit.message.number) }
        let shown = FoundMessage.withoutCopies(hits).prefix(query.limit)
        page.hits = try Excerpts.added(to: Array(shown), of: query.words)
        return page
    }

    static let unindexedSQL = """
        SELECT count(*) FROM messages WHERE id > (SELECT indexed_until FROM search_index)
        """

    /// The messages that fit, the newest first, each with its weight by the index.
    ///
    /// They are taken one by one and counted, so that a word which half of all messages have costs no more than the
    /// newest of them.
    private func candidates(in database: Database, _ page: inout SearchPage) throws -> [Candidate] {
        let rows = try Row.fetchCursor(database, SQLRequest(literal: request))
        var candidates: [Candidate] = []
        var looks = 0
        while let row = try rows.next() {
            guard looks < looksMax else {
                page.reach = .newestLooks(looks)
                break
            }
            looks += 1
            guard let score = row[1] as Double? else { continue }
            guard candidates.count < matchesMax else {
                page.reach = .newestMatches(matchesMax)
                break
            }
            candidates.append(Candidate(message: row[0], score: -score))
        }
        return candidates
    }

    /// The weight is NULL where a filter does not let the message through; it is not computed then.
    private var request: SQL {
        let match: SQL = "message_words MATCH \(query.words.match)\(range)"
        guard query.hasFilter else {
            return """
                SELECT rowid, parley_rank(message_words) FROM message_words
                WHERE \(match) ORDER BY rowid DESC
                """
        }
        return """
            SELECT message_words.rowid, CASE WHEN \(filter) THEN parley_rank(message_words) END
            FROM message_words
            CROSS JOIN messages m ON m.id = message_words.rowid
            \(joins)
            WHERE \(match) ORDER BY message_words.rowid DESC
            """
    }

    /// What the filter needs to know beside the message: each table is a look for each message with the words.
    private var joins: SQL {
        let sessions: SQL = "CROSS JOIN sessions s ON s.id = m.session_id"
        if query.model != nil { return "\(sessions) LEFT JOIN attempts a ON a.id = m.attempt_id" }
        return query.kind == nil ? "" : sessions
    }

    /// The messages of a conversation lie between two numbers.
    private var range: SQL {
        guard let session = query.session?.number else { return "" }
        return """
             AND message_words.rowid BETWEEN (SELECT min(id) FROM messages WHERE session_id = \(session))
                AND (SELECT max(id) FROM messages WHERE session_id = \(session))
            """
    }

    private var filter: SQL {
        var conditions: [SQL] = []
        if let role = query.role { conditions.append("m.role = \(role.rawValue)") }
        if let session = query.session { conditions.append("m.session_id = \(session.number)") }
        if let since = query.since { conditions.append("m.created_at >= \(since.milliseconds)") }
        if let until = query.until { conditions.append("m.created_at < \(until.milliseconds)") }
        switch query.kind {
        case .chats: conditions.append("s.job_id IS NULL")
        case .batches: conditions.append("s.job_id IS NOT NULL")
        case nil: break
        }
        if let model = query.model {
            let name: SQL = "coalesce(a.provider || '/' || a.model, s.model)"
            conditions.append(
                "(\(name) = \(model) OR substr(\(name), instr(\(name), '/') + 1) = \(model))")
        }
        return conditions.joined(separator: " AND ")
    }
}

/// What being new is worth: a value.
enum SearchRecency {
    /// A message of this moment weighs so much more than a very old one.
    static let share = 0.15
    /// After so long half of that is left.
    static let halfAge = Duration.seconds(30 * 24 * 3600)

    static func factor(_ createdAt: Timestamp, now: Timestamp) -> Double {
        let ages = max(0, now.since(createdAt).seconds) / halfAge.seconds
        return 1 + share / (1 + ages)
    }
}
