import GRDB
import ParleyCore

/// How far the words of what was removed are wiped out of the index.
public struct WipeProgress: Sendable, Hashable {
    /// Steps so far; how many there will be is not known.
    public var steps: Int
}

/// Whether nothing is left of what was removed.
public struct WipeReport: Sendable, Hashable {
    /// Somebody is reading: the write-ahead log could not be emptied, and holds what was removed until it is.
    public var isLogInUse: Bool
    /// An older parley wrote in the file, which did not overwrite what it freed: ``Store/vacuum()`` makes sure.
    public var hasOldRemains: Bool
}

extension Store {
    /// Wipes out what removed conversations leave behind: words in old parts of the index, system prompts that nobody has any
    /// more, the write-ahead log. What was interrupted before is finished.
    ///
    /// The rows themselves were overwritten when they were removed.
    @discardableResult
    public func wipe(progress: @Sendable (WipeProgress) -> Void = { _ in }) async throws -> WipeReport {
        if try await flag("wipe_due") {
            try await mergeIndex(progress: progress)
            try await removeUnusedContents()
            try await write { try $0.statement("UPDATE search_index SET wipe_due = 0").run() }
        }
        return WipeReport(isLogInUse: try !emptyLog(), hasOldRemains: try await flag("has_remains"))
    }

    private func flag(_ name: String) async throws -> Bool {
        try await read { try Bool.fetchOne($0, sql: "SELECT \(name) FROM search_index") ?? false }
    }

    /// Pages that one step of a merge writes, about 2 MB.
    static let mergePages = 500

    /// Makes one part of all parts of the index: only that leaves words out whose messages are gone.
    func mergeIndex(progress: @Sendable (WipeProgress) -> Void = { _ in }) async throws {
        var steps = 0
        while try await write({ try $0.mergeIndex(pages: Self.mergePages) }) {
            steps += 1
            progress(WipeProgress(steps: steps))
        }
    }

    /// False when readers are in the way.
    private func emptyLog() throws -> Bool {
        do {
            return try writer.outsideTransaction { database in
                do {
                    _ = try database.checkpoint(.truncate)
                    return true
                } catch let error as DatabaseError where SQLiteFailure(error).isBusy {
                    return false
                }
            }
        }
    }
}

extension WriteContext {
    /// False when there is nothing left to merge.
    fileprivate func mergeIndex(pages: Int) throws -> Bool {
        let before = connection.changesTotal
        // Less than zero: all parts, whatever their size.
        let merge = try statement("INSERT INTO message_words (message_words, rank) VALUES ('merge', ?1)")
        merge.bind(1, -pages)
        try merge.run()
        // "A difference of less than 2 means that the command was a no-op" (sqlite.org/fts5.html).
        return connection.changesTotal - before >= 2
    }
}

// System prompts.
extension Store {
    /// So many numbers are looked through in one transaction.
    static let contentsAtOnce = 20_000

    /// Removes the texts that no conversation, batch or job refers to.
    func removeUnusedContents() async throws {
        let last = try await read {
            try Int64.fetchOne($0, sql: "SELECT coalesce(max(id), 0) FROM contents") ?? 0
        }
        var done: Int64 = 0
        while done < last {
            try removeContents(from: done, upTo: done + Int64(Self.contentsAtOnce))
            done += Int64(Self.contentsAtOnce)
        }
    }

    /// The references are looked through once for all texts of a range. SQLite would do so for each text, without an index,
    /// since one would be paid for by every job; so it is told not to, and the statement itself sees to it.
    private func removeContents(from first: Int64, upTo last: Int64) throws {
        try writer.outsideTransaction { database in
            let context = writer.context(of: database)
            try database.execute(sql: "PRAGMA foreign_keys = OFF")
            defer { try? database.execute(sql: "PRAGMA foreign_keys = ON") }
            try database.inTransaction(.immediate) {
                try database.execute(
                    literal: """
                        DELETE FROM contents WHERE id > \(first) AND id <= \(last) AND id NOT IN (
                            SELECT system_id FROM sessions WHERE system_id > \(first) AND system_id <= \(last)
                            UNION SELECT system_id FROM batches WHERE system_id > \(first) AND system_id <= \(last)
                            UNION SELECT system_id FROM jobs WHERE system_id > \(first) AND system_id <= \(last))
                        """)
                context.forgetTexts()
                return .commit
            }
        }
    }
}
