import GRDB
import ParleyCore

extension Store {
    /// Takes up the messages that the index does not know yet, in steps that let others write in between.
    ///
    /// What is stored meanwhile is left for the next time, so that it ends beside a batch that runs.
    func catchUpWithMessages(progress: @Sendable (SearchIndexProgress) -> Void = { _ in }) async throws {
        let (begun, last) = try await read { database in
            (
                try Int64.fetchOne(database, sql: "SELECT indexed_until FROM search_index") ?? 0,
                try Int64.fetchOne(database, sql: "SELECT max(id) FROM messages") ?? 0
            )
        }
        guard begun < last else { return }
        let now = time.now
        while true {
            let step = try await write { [liveness] context in
                try context.indexMessages(upTo: last, liveness: liveness, at: now)
            }
            progress(SearchIndexProgress(done: Int(step.until), total: Int(last)))
            if step.isLast { return }
        }
    }

    /// So many messages, and so many bytes of them, are taken up in one transaction: a tenth of a second.
    static let indexedAtOnce = 5000
    /// More than that takes long enough for a person to be told.
    public static let indexedSilentlyMax = 20_000
    static let indexedBytesAtOnce = 4 * 1024 * 1024
}

extension WriteContext {
    struct IndexStep {
        /// All messages up to this number are in the index.
        var until: Int64
        var isLast: Bool
    }

    /// Takes up some messages that come next, up to `last`. Those that are being answered still change, so it stops before.
    func indexMessages(
        upTo last: Int64, liveness: WorkerLiveness, at now: Timestamp
    ) throws -> IndexStep {
        let mark = try statement("SELECT indexed_until FROM search_index")
        let begun = try mark.firstInt() ?? 0
        let ceiling = min(last, try oldestAnswerInWork(liveness: liveness, at: now).map { $0 - 1 } ?? .max)
        guard begun < ceiling else { return IndexStep(until: begun, isLast: true) }
        let find = try statement(
            """
            SELECT id, content, reasoning FROM messages WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3
            """)
        find.bind(1, begun)
        find.bind(2, ceiling)
        find.bind(3, Store.indexedAtOnce)
        defer { find.reset() }
        let insert = try statement(
            "INSERT INTO message_words (rowid, content, reasoning) VALUES (?1, ?2, ?3)")
        var (until, count, bytes) = (begun, 0, 0)
        while bytes < Store.indexedBytesAtOnce, try find.step() {
            until = find.int(0)
            let (content, reasoning) = (find.borrowedText(1), find.borrowedText(2))
            insert.bind(1, until)
            insert.bindBorrowed(2, content)
            if find.isNull(2) { insert.bindNull(3) } else { insert.bindBorrowed(3, reasoning) }
            try insert.run()
            count += 1
            bytes += content.count + reasoning.count
        }
        let isLast = count < Store.indexedAtOnce && bytes < Store.indexedBytesAtOnce
        guard count > 0 else { return IndexStep(until: begun, isLast: true) }
        let update = try statement("UPDATE search_index SET indexed_until = ?1")
        update.bind(1, until)
        try update.run()
        return IndexStep(until: until, isLast: isLast || until >= ceiling)
    }

    /// The first message that somebody is still writing; what a process that is gone left does not change any more.
    private func oldestAnswerInWork(liveness: WorkerLiveness, at now: Timestamp) throws -> Int64? {
        let find = try statement(
            "SELECT session_id, message_id FROM open_turns WHERE message_id IS NOT NULL")
        var rows: [(session: Int64, message: Int64)] = []
        while try find.step() { rows.append((find.int(0), find.int(1))) }
        guard !rows.isEmpty else { return nil }
        let lost = Set(try lostTurns(by: liveness, at: now))
        return rows.filter { !lost.contains($0.session) }.map(\.message).min()
    }
}
