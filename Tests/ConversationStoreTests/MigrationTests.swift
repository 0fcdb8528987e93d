import Foundation
import GRDB
import Migrations
import ParleyCore
import Testing

@testable import ConversationStore

struct MigrationTests {
    private let clock = TestClock()

    private func open(_ path: String, _ migrations: [Migration]) throws -> Store {
        try Store.open(at: path, time: clock.time, liveness: .system, migrations: migrations)
    }

    private func schema(of store: Store) async throws -> String {
        try await store.read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT sql || ';' FROM sqlite_master
                    WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%'
                    ORDER BY type, name
                    """)
        }.joined(separator: "\n\n") + "\n"
    }

    private func withDirectory(_ body: (String) async throws -> Void) async throws {
        let directory = try TestStore.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(directory)
    }

    private var golden: URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "schema.golden.sql")
    }

    /// To accept a change of the schema: run the tests with PARLEY_GOLDEN=write and look at the difference.
    @Test func `The schema is the one on record`() async throws {
        let test = try await TestStore()
        let schema = try await schema(of: test.store)
        if ProcessInfo.processInfo.environment["PARLEY_GOLDEN"] == "write" {
            try schema.write(to: golden, atomically: true, encoding: .utf8)
        }
        #expect(schema == (try String(contentsOf: golden, encoding: .utf8)))
    }

    @Test func `Every table is strict`() async throws {
        let test = try await TestStore()
        let loose = try await test.store.read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT name FROM pragma_table_list
                    WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite%'
                    """)
        }
        #expect(loose == [])
    }

    @Test func `Every migration file is short`() {
        for migration in Migration.all { #expect(migration.sql.count < 8192, "\(migration.name)") }
        #expect(Migration.all.map(\.name) == Migration.all.map(\.name).sorted())
    }

    @Test func `Opening again applies nothing and makes no backup`() async throws {
        let test = try await TestStore()
        await test.store.close()
        let again = try open(test.path, Migration.all)
        #expect(try await again.migrations().map(\.name) == Migration.all.map(\.name))
        #expect(try await schema(of: again) == (try String(contentsOf: golden, encoding: .utf8)))
        await again.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: test.directory) == ["parley.db"])
    }

    @Test func `Whoever comes second to make a database finds it made`() async throws {
        let directory = try TestStore.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/new.db"
        let migrator = Migrator(path: path, migrations: Migration.all, now: Timestamp(milliseconds: 1))
        let second = try DatabaseQueue(path: path)
        let pending = try await second.writeWithoutTransaction { try migrator.pending(in: $0).count }
        #expect(pending == Migration.all.count)
        let first = try await Store.open(at: path)
        try await second.writeWithoutTransaction { try migrator.migrate($0) }
        #expect(try await second.read { try migrator.pending(in: $0).count } == 0)
        try second.close()
        await first.close()
    }

    @Test func `Every earlier version becomes the present one, after a backup`() async throws {
        let expected = try String(contentsOf: golden, encoding: .utf8)
        for version in 1..<Migration.all.count {
            try await withDirectory { directory in
                let path = directory + "/parley.db"
                let old = try open(path, Array(Migration.all.prefix(version)))
                let identity = old.identity
                await old.close()

                let new = try open(path, Migration.all)
                #expect(new.identity == identity)
                #expect(try await schema(of: new) == expected)
                await new.close()

                let backup = try #require(
                    try FileManager.default.contentsOfDirectory(atPath: directory)
                        .first { $0.hasPrefix("parley.db.backup-\(version)-") })
                let attributes = try FileManager.default.attributesOfItem(atPath: directory + "/" + backup)
                #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
                let copy = try DatabaseQueue(path: directory + "/" + backup)
                #expect(try await copy.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == version)
            }
        }
    }

    @Test func `What was spent before there were budgets in the database counts`() async throws {
        try await withDirectory { directory in
            let path = directory + "/parley.db"
            let old = try open(path, Migration.all.filter { $0.name < "0009" })
            try old.writer.outsideTransaction { database in
                try database.execute(
                    sql: """
                        INSERT INTO usage_rollups VALUES
                            (0, 'p', 'm', 'r', 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 30),
                            (3600000, 'p', 'm', 'r', 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12),
                            (0, 'p', 'm', 'r', 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5)
                        """)
            }
            await old.close()
            let new = try open(path, Migration.all)
            let budget = Budget(limit: .zero, batches: [BatchID(1)])
            #expect(try await new.standing(of: budget).spent == Picodollars(42))
            #expect(try await new.standing(of: Budget(limit: .zero)).spent == Picodollars(47))
            await new.close()
        }
    }

    @Test func `A database from the future is refused`() async throws {
        try await withDirectory { directory in
            let path = directory + "/parley.db"
            let newer = Migration.all + [Migration(name: "9999-later", sql: Array("SELECT 1;".utf8))]
            await (try open(path, newer)).close()
            let error = #expect(throws: StoreError.self) { _ = try open(path, Migration.all) }
            guard case .fromTheFuture = error else {
                Issue.record("refused for another reason: \(String(describing: error))")
                return
            }
        }
    }

    @Test func `A database with a migration that is not ours is refused`() async throws {
        try await withDirectory { directory in
            let path = directory + "/parley.db"
            var others = Migration.all
            others[others.count - 1] = Migration(name: "9998-other", sql: Array("SELECT 1;".utf8))
            await (try open(path, others)).close()
            #expect(throws: StoreError.fromTheFuture(path: path, detail: "it has a migration 9998-other")) {
                _ = try open(path, Migration.all)
            }
        }
    }

    @Test func `A migration that was edited after it had been shipped is refused`() async throws {
        try await withDirectory { directory in
            let path = directory + "/parley.db"
            await (try open(path, Migration.all)).close()
            var edited = Migration.all
            edited[1] = Migration(name: edited[1].name, sql: edited[1].sql + Array("-- more\n".utf8))
            #expect(throws: StoreError.migrationChanged(path: path, name: edited[1].name)) {
                _ = try open(path, edited)
            }
        }
    }

    @Test func `A migration that fails leaves the database as it was`() async throws {
        try await withDirectory { directory in
            let path = directory + "/parley.db"
            await (try open(path, Migration.all)).close()
            let broken = Migration(
                name: "9999-broken", sql: Array("CREATE TABLE half (a) STRICT; nonsense;".utf8))
            #expect(throws: StoreError.self) { _ = try open(path, Migration.all + [broken]) }
            let store = try open(path, Migration.all)
            #expect(try await schema(of: store) == (try String(contentsOf: golden, encoding: .utf8)))
            await store.close()
        }
    }

    @Test func `An outdated database is not read`() async throws {
        try await withDirectory { directory in
            let path = directory + "/parley.db"
            await (try open(path, Array(Migration.all.dropLast()))).close()
            await #expect(throws: StoreError.outdated(path: path)) {
                _ = try await Store.openReadOnly(at: path)
            }
        }
    }
}
