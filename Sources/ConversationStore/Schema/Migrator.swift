import Crypto
import Foundation
import GRDB
import GRDBSQLite
import Migrations
import ParleyCore

/// Brings a database's schema up to date, forward only.
///
/// The applied steps stand in `schema_migrations` with the checksums of their files; `user_version` counts
/// them, so that an older program knows a newer database without reading a table.
struct Migrator {
    let path: String
    let migrations: [Migration]
    let now: Timestamp

    struct Step: Equatable {
        let name: String
        let sha256: String
    }

    /// Refuses a history that is not the beginning of this program's; gives the steps that are still to be
    /// taken.
    func pending(in database: Database) throws -> ArraySlice<Migration> {
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard version <= migrations.count else {
            throw StoreError.fromTheFuture(
                path: path, detail: "its schema is version \(version), this parley knows \(migrations.count)")
        }
        let applied = try Self.applied(in: database)
        for (index, step) in applied.enumerated() {
            guard index < migrations.count, migrations[index].name == step.name else {
                throw StoreError.fromTheFuture(path: path, detail: "it has a migration \(step.name)")
            }
            guard migrations[index].sha256 == step.sha256 else {
                throw StoreError.migrationChanged(path: path, name: step.name)
            }
        }
        return migrations[applied.count...]
    }

    /// Applies what is pending, all or nothing. Several processes may try at once: the first does it.
    func migrate(_ database: Database) throws {
        try database.inTransaction(.immediate) {
            for migration in try pending(in: database) { try apply(migration, to: database) }
            return .commit
        }
    }

    private func apply(_ migration: Migration, to database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS schema_migrations (
                    name       TEXT    NOT NULL PRIMARY KEY,
                    sha256     TEXT    NOT NULL CHECK (length(sha256) = 64),
                    applied_at INTEGER NOT NULL
                ) STRICT
                """)
        try database.execute(sql: String(decoding: migration.sql, as: UTF8.self))
        try database.execute(
            literal: """
                INSERT INTO schema_migrations (name, sha256, applied_at)
                VALUES (\(migration.name), \(migration.sha256), \(now.milliseconds))
                """)
        let version = try Int.fetchOne(database, sql: "SELECT count(*) FROM schema_migrations") ?? 0
        try database.execute(sql: "PRAGMA user_version = \(version)")
        try database.execute(sql: "PRAGMA application_id = \(DatabaseFile.applicationID)")
        if version == 1 {
            try database.execute(
                literal: """
                    INSERT INTO store (id, identity, created_at)
                    VALUES (1, lower(hex(randomblob(6))), \(now.milliseconds))
                    """)
        }
    }

    static func applied(in database: Database) throws -> [Step] {
        // Asked anew each time: GRDB would remember that there was no such table, though another process has made it since.
        let isThere = try Int.fetchOne(
            database, literal: "SELECT count(*) FROM sqlite_master WHERE name = 'schema_migrations'")
        guard isThere == 1 else { return [] }
        return try Row.fetchAll(database, sql: "SELECT name, sha256 FROM schema_migrations ORDER BY name")
            .map { Step(name: $0[0], sha256: $0[1]) }
    }

    /// Puts a copy of the database beside it, readable for its owner alone.
    func backUp(_ database: Database, version: Int) throws {
        let moment = Date(timeIntervalSince1970: Double(now.milliseconds) / 1000)
        let stamp = moment.formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: false)
                .dateSeparator(.omitted).timeSeparator(.omitted))
        try Self.copy(database, to: "\(path).backup-\(version)-\(stamp)")
    }

    static func copy(_ database: Database, to target: String) throws {
        try DatabaseFile.createEmpty(target)
        do {
            try database.execute(literal: "VACUUM INTO \(target)")
        } catch {
            try? FileManager.default.removeItem(atPath: target)
            throw error
        }
    }
}

extension Migration {
    /// The file's checksum, 64 hex digits.
    var sha256: String {
        SHA256.hash(data: sql).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
