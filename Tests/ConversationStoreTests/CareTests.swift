import Foundation
import ParleyCore
import Testing

@testable import ConversationStore

struct CareTests {
    @Test func `A backup is a whole database that its owner alone can read`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a", "b"])
        let copy = test.directory + "/copy.db"
        try await test.store.backup(to: copy)
        let attributes = try FileManager.default.attributesOfItem(atPath: copy)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        let store = try await Store.open(at: copy)
        #expect(try await store.status().first?[.waiting] == 2)
        #expect(store.identity == test.store.identity)
        await store.close()
        await #expect(throws: StoreError.exists(path: copy)) { try await test.store.backup(to: copy) }
    }

    @Test func `A vacuum gives room back`() async throws {
        let test = try await TestStore()
        try await test.enqueue((0..<20_000).map { "job-\($0)" })
        try test.tamper("DELETE FROM jobs; DELETE FROM batches")
        let before = try await test.store.stats()
        #expect(before.freeBytes > 0)
        try await test.store.vacuum()
        let after = try await test.store.stats()
        #expect(after.freeBytes == 0 && after.fileBytes < before.fileBytes)
    }

    @Test func `The sizes are told by table`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a", "b"])
        let stats = try await test.store.stats()
        #expect(stats.tables.first { $0.name == "jobs" }?.rows == 2)
        #expect(stats.identity == test.store.identity)
    }

    @Test func `A large enqueueing leaves an empty log`() async throws {
        let test = try await TestStore()
        try await test.enqueue((0..<20_000).map { "job-\($0)" })
        #expect(try await test.store.stats().logBytes == 0)
    }

    @Test func `Every error is one sentence that names the file or the thing`() {
        let errors: [StoreError] = [
            .missing(path: "x.db"), .notADatabase(path: "x.db"), .foreignDatabase(path: "x.db"),
            .fromTheFuture(path: "x.db", detail: "version 9"), .migrationChanged(path: "x.db", name: "0001"),
            .outdated(path: "x.db"), .readOnly(path: "x.db"), .cannotOpen(path: "x.db", reason: "no"),
            .diskFull(path: "x.db"), .inputOutput(path: "x.db", detail: "no"),
            .damaged(path: "x.db", detail: "no"), .exists(path: "x.db"), .closed(path: "x.db"),
        ]
        for error in errors {
            #expect(error.description.contains("x.db") && error.description.hasSuffix("."))
        }
        #expect(
            StoreError.batchUnknown(name: "a", nearest: "b").description
                == "There is no batch 'a'; did you mean 'b'?")
    }
}
