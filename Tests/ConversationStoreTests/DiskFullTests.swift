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

    @Test func `Told to wait, an answer for which there is no room is stored when there is`() async throws {
        let test = try await TestStore()
        test.store.writer.roomCheckEvery = .milliseconds(1)
        try await test.enqueue(["a", "b", "c"])
        let long = Completion.fixture(String(repeating: "Forty-two. ", count: 10_000))
        var sendings: [Sending] = []
        for job in try await test.lease(3) { sendings.append(try await test.send(job)) }
        try limitPages(of: test, more: 0)
        test.store.waitForRoom(true)

        try await withThrowingTaskGroup(of: Void.self) { group in
            for sending in sendings {
                group.addTask { try await test.store.settle(sending.settled(.answer(long))) }
            }
            while !test.store.isWaitingForRoom { await Task.yield() }
            try limitPages(of: test, more: nil)
            try await group.waitForAll()
        }

        #expect(!test.store.isWaitingForRoom)
        #expect(try await test.answers().map(\.answer) == [long.text, long.text, long.text])
        #expect(try await test.damage() == [])
    }

    @Test func `Whoever waits for room learns that it is full as soon as waiting is given up`() async throws {
        let test = try await TestStore()
        test.store.writer.roomCheckEvery = .milliseconds(1)
        try await test.enqueue()
        let sending = try await test.send(try #require(try await test.lease().first))
        let long = Completion.fixture(String(repeating: "Forty-two. ", count: 10_000))
        try limitPages(of: test, more: 0)
        test.store.waitForRoom(true)
        let settling = Task { try await test.store.settle(sending.settled(.answer(long))) }
        while !test.store.isWaitingForRoom { await Task.yield() }
        test.store.waitForRoom(false)
        await #expect(throws: StoreError.diskFull(path: test.path)) { try await settling.value }
    }

    @Test func `What waits for room is tried by halves, down to one`() {
        var patience = RoomPatience(groupMax: 512)
        let waitsUntold = patience.refused(groupOf: 512)
        #expect(!waitsUntold && !patience.isFull && patience.groupMax == 512)
        patience.waits = true
        for expected in [256, 128, 64, 32, 16, 8, 4, 2, 1, 1] {
            let waits = patience.refused(groupOf: patience.groupMax)
            #expect(waits && patience.groupMax == expected && patience.isFull)
        }
        patience.fitted()
        #expect(patience.groupMax == 2 && !patience.isFull)
    }
}
