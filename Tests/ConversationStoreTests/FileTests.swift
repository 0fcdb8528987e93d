import Foundation
import GRDB
import ParleyCore
import Testing

@testable import ConversationStore

struct FileTests {
    private func permissions(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
    }

    private func open(_ path: String) async throws -> Store { try await Store.open(at: path) }

    @Test func `A new database and its log belong to their owner alone`() async throws {
        let directory = try TestStore.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/a/b/parley.db"
        let store = try await open(path)
        for suffix in ["", "-wal", "-shm"] { #expect(try permissions(path + suffix) == 0o600) }
        for folder in ["/a", "/a/b"] { #expect(try permissions(directory + folder) == 0o700) }
        await store.close()
    }

    @Test func `Closing leaves nothing but the one file`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a"])
        await test.store.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: test.directory) == ["parley.db"])
    }

    @Test func `A closed store says so`() async throws {
        let test = try await TestStore()
        await test.store.close()
        await #expect(throws: StoreError.closed(path: test.path)) { _ = try await test.worker() }
        await #expect(throws: StoreError.closed(path: test.path)) { _ = try await test.enqueue() }
    }

    @Test func `Commits reach the disk before they are reported`() async throws {
        let test = try await TestStore()
        let (synchronous, journal, references) = try test.store.writer.outsideTransaction { database in
            (
                try Int.fetchOne(database, sql: "PRAGMA synchronous"),
                try String.fetchOne(database, sql: "PRAGMA journal_mode"),
                try Int.fetchOne(database, sql: "PRAGMA foreign_keys")
            )
        }
        #expect(synchronous == 2 && journal == "wal" && references == 1)
    }

    @Test func `The identity is made once and kept`() async throws {
        let test = try await TestStore()
        let identity = test.store.identity
        #expect(identity.count == 12 && identity.allSatisfy(\.isHexDigit))
        await test.store.close()
        let again = try await open(test.path)
        #expect(again.identity == identity)
        await again.close()
        #expect(try await TestStore().store.identity != identity)
    }

    @Test func `A file that is no database is refused untouched`() async throws {
        let directory = try TestStore.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/notes.txt"
        let text = String(repeating: "Not a database. ", count: 100)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        await #expect(throws: StoreError.notADatabase(path: path)) { _ = try await open(path) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }

    @Test func `Another program's database is refused untouched`() async throws {
        let directory = try TestStore.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/other.db"
        let other = try DatabaseQueue(path: path)
        try await other.write { try $0.execute(sql: "CREATE TABLE theirs (a)") }
        try other.close()
        let before = try Data(contentsOf: URL(filePath: path))
        await #expect(throws: StoreError.foreignDatabase(path: path)) { _ = try await open(path) }
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }

    @Test func `A directory, and a file that nobody may write to, are refused`() async throws {
        let test = try await TestStore()
        await test.store.close()
        try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: test.path)
        await #expect(throws: StoreError.readOnly(path: test.path)) { _ = try await open(test.path) }
        await #expect(
            throws: StoreError.cannotOpen(path: test.directory, reason: "it is no regular file")
        ) { _ = try await open(test.directory) }
    }

    @Test func `For reading, the database must exist`() async throws {
        let directory = try TestStore.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/parley.db"
        await #expect(throws: StoreError.missing(path: path)) {
            _ = try await Store.openReadOnly(at: path)
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `A store opened for reading reads and refuses to write`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a", "b"])
        for isOpenElsewhere in [true, false] {
            if !isOpenElsewhere { await test.store.close() }
            let reader = try await Store.openReadOnly(at: test.path)
            #expect(try await reader.status().first?[.waiting] == 2)
            await #expect(throws: StoreError.readOnly(path: test.path)) {
                _ = try await reader.register(.current())
            }
            await reader.close()
        }
    }
}
