import Foundation
import GRDB
import Migrations
import ParleyCore

extension Store {
    /// Copies the database, as it is at this moment, into a new file that its owner alone can read.
    public func backup(to target: String) async throws {
        guard !FileManager.default.fileExists(atPath: target) else {
            throw StoreError.exists(path: target)
        }
        try refuseIfReadOnly()
        try backUpHere(to: target)
    }

    private func backUpHere(to target: String) throws {
        try writer.outsideTransaction { try Migrator.copy($0, to: target) }
    }

    /// Rewrites the file without the room that deleted rows left, and the search index as one part; one that is not right is
    /// emptied, and made anew by the next search.
    public func vacuum() async throws {
        try refuseIfReadOnly()
        try await careForIndex()
        try vacuumHere()
        try await noteRewritten()
        try checkpoint()
    }

    private func vacuumHere() throws {
        try writer.outsideTransaction { try $0.execute(sql: "VACUUM") }
    }

    /// The sizes of the file and of its tables.
    public func stats() async throws -> StoreStats {
        let path = path
        let identity = identity
        return try await read { database in
            let pageBytes = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
            let freePages = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
            let names = try String.fetchAll(
                database,
                sql: """
                    SELECT name FROM sqlite_master
                    WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                        AND name NOT LIKE 'message\\_words%' ESCAPE '\\'
                    ORDER BY name
                    """)
            return StoreStats(
                path: path, identity: identity, fileBytes: Self.size(of: path),
                logBytes: Self.size(of: path + "-wal"), freeBytes: pageBytes * freePages,
                indexedMessages: try Int.fetchOne(
                    database, sql: "SELECT count(*) FROM message_words_docsize") ?? 0,
                tables: try names.map {
                    StoreStats.Table(
                        name: $0,
                        rows: try Int.fetchOne(
                            database, sql: "SELECT count(*) FROM \($0.quotedDatabaseIdentifier)")
                            ?? 0)
                })
        }
    }

    private static func size(of path: String) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? NSNumber)?.intValue ?? 0
    }

    /// The steps that made the schema what it is.
    public func migrations() async throws -> [AppliedMigration] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT name, sha256, applied_at FROM schema_migrations ORDER BY name"
            ).map {
                AppliedMigration(name: $0[0], sha256: $0[1], appliedAt: Timestamp(milliseconds: $0[2]))
            }
        }
    }
}
