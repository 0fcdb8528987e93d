import GRDB
import ParleyCore
import Testing

@testable import ConversationStore

/// A limit on the pages of the file stands in for a full disk: SQLite reports both alike.
struct DiskFullTests {
    private func limitPages(of test: TestStore, more: Int?) throws {
        try test.store.writer.outsideTransaction { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            try database.execute(sql: "PRAGMA max_page_count = \(more.map { pages + $0 } ?? 1_000_000)")
        }
    }

    private static let manyKeys = (0..<4000).map { "job-\($0)" }

    @Test func `An enqueueing for which there is no room leaves nothing behind`() async throws {
        let test = try await TestStore()
        try limitPages(of: test, more: 10)
        await #expect(throws: StoreError.diskFull(path: test.path)) {
            try await test.enqueue(Self.manyKeys)
        }
        #expect(try await test.store.batches().isEmpty)
        #expect(try await test.damage() == [])

        try limitPages(of: test, more: nil)
        #expect(try await test.enqueue(Self.manyKeys).new == 4000)
    }

    @Test func `An answer for which there is no room is refused whole, and can be stored later`() async throws
    {
        let test = try await TestStore()
        try await test.enqueue()
        let sending = try await test.send(try #require(try await test.lease().first))
        let long = Completion.fixture(String(repeating: "Forty-two. ", count: 10_000))
        try limitPages(of: test, more: 0)
        await #expect(throws: StoreError.diskFull(path: test.path)) {
            try await test.store.settle(sending.settled(.answer(long)))
        }
        #expect(try await test.state(of: "a") == .sent)
        #expect(try await test.store.usage().first?.requests == 0)

        try limitPages(of: test, more: nil)
        try await test.store.settle(sending.settled(.answer(long)))
        #expect(try await test.state(of: "a") == .done)
        #expect(try await test.damage() == [])
    }
}
