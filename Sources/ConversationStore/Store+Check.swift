import Crypto
import Foundation
import GRDB

extension Store {
    /// Looks whether the database is sound: SQLite's own checks, the references, and the laws that span
    /// tables.
    ///
    /// Reads everything. Damage comes first, notes last; no finding of severity `damage` means that all is
    /// well. A store that was opened for reading does not look at the CHECKs of the schema.
    ///
    /// - Parameters:
    ///   - full: also compares each word of the search index with its message; only a store that is open for writing can.
    public func check(full: Bool = false) async throws -> [CheckFinding] {
        let integrity = try integrity()
        // In a broken file the laws would only report the same trouble in other words.
        guard integrity.isEmpty else { return integrity }
        let words = full ? try await wordsFinding() : nil
        return try await [words].compactMap { $0 }
            + read { database in
                try Self.references(in: database) + Self.contents(in: database)
                    + Law.all.compactMap { try $0.finding(in: database) }
            }
    }

    /// SQLite's integrity check, on a connection of its own.
    ///
    /// A connection that is opened for reading only does not even load the CHECKs, so it would find them all
    /// fulfilled; and the writer's own must not be kept busy so long.
    private func integrity() throws -> [CheckFinding] {
        try Store.retryingWhileBusy(path: path) {
            var configuration = Configuration()
            configuration.readonly = isReadOnly
            configuration.busyMode = Patience.busyMode
            configuration.prepareDatabase { try $0.execute(sql: "PRAGMA query_only = ON") }
            let connection = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? connection.close() }
            return try connection.read { try Self.integrity(of: $0) }
        }
    }

    private static func integrity(of database: Database) throws -> [CheckFinding] {
        let words = try String.fetchAll(database, sql: "PRAGMA integrity_check(100)")
        guard words != ["ok"] else { return [] }
        return [
            CheckFinding(
                severity: .damage, law: "integrity", count: words.count,
                message: "SQLite's integrity check found \(words.count) errors.",
                examples: Array(words.prefix(Law.examplesMax)))
        ]
    }

    private static func references(in database: Database) throws -> [CheckFinding] {
        let rows = try Row.fetchAll(database, sql: "PRAGMA foreign_key_check")
        guard !rows.isEmpty else { return [] }
        let examples = rows.prefix(Law.examplesMax).map { row in
            "\(row[0] as String) \(row[1] as Int64? ?? 0) to \(row[2] as String)"
        }
        return [
            CheckFinding(
                severity: .damage, law: "references", count: rows.count,
                message: "\(rows.count) rows refer to rows that are not there.", examples: examples)
        ]
    }

    private static func contents(in database: Database) throws -> [CheckFinding] {
        let rows = try Row.fetchCursor(database, sql: "SELECT id, sha256, text FROM contents")
        var examples: [String] = []
        var count = 0
        while let row = try rows.next() {
            let text: String = row[2]
            guard Data(SHA256.hash(data: Data(text.utf8))) != row[1] as Data else { continue }
            count += 1
            if examples.count < Law.examplesMax { examples.append("contents \(row[0] as Int64)") }
        }
        guard count > 0 else { return [] }
        return [
            CheckFinding(
                severity: .damage, law: "contents-match-their-hashes", count: count,
                message: "\(count) stored texts do not match their hash.", examples: examples)
        ]
    }
}
