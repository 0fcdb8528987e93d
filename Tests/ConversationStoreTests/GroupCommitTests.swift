import Foundation
import GRDB
import ParleyCore
import Synchronization
import Testing

@testable import ConversationStore

struct GroupCommitTests {
    /// Runs the operations as one group: the writer is kept busy until all of them wait.
    private func asOneGroup(
        _ test: TestStore, _ operations: [@Sendable (WriteContext) throws -> Int]
    ) async -> [Result<Int, any Error>] {
        let writer = test.store.writer
        let gate = DispatchSemaphore(value: 0)
        await withCheckedContinuation { held in
            Thread.detachNewThread {
                try? writer.outsideTransaction { _ in
                    held.resume()
                    _ = gate.wait(timeout: .now() + 30)
                }
            }
        }
        return await withTaskGroup(of: (Int, Result<Int, any Error>).self) { group in
            for (index, operation) in operations.enumerated() {
                while writer.waitingCount < index { await Task.yield() }
                group.addTask {
                    do { return (index, .success(try await writer.submit(operation))) } catch {
                        return (index, .failure(error))
                    }
                }
            }
            while writer.waitingCount < operations.count { await Task.yield() }
            gate.signal()
            var results: [Int: Result<Int, any Error>] = [:]
            for await (index, result) in group { results[index] = result }
            return operations.indices.compactMap { results[$0] }
        }
    }

    private static func insertWorker(_ token: String) -> @Sendable (WriteContext) throws -> Int {
        { context in
            let insert = try context.statement(
                """
                INSERT INTO workers (token, host, pid, started, created_at, heartbeat_at)
                VALUES (CAST(?1 AS BLOB), '', 1, 1, 1, 1)
                """)
            insert.bind(1, token)
            try insert.run()
            return context.connection.changes
        }
    }

    @Test func `An operation that fails half-way spares the rest of its group`() async throws {
        let test = try await TestStore()
        let runs = Mutex(0)
        let results = await asOneGroup(
            test,
            [
                Self.insertWorker("token--1"),
                { context in
                    runs.withLock { $0 += 1 }
                    _ = try Self.insertWorker("token--2")(context)
                    return try Self.insertWorker("too short")(context)
                },
                Self.insertWorker("token--3"),
            ])
        #expect(throws: Never.self) { try results[0].get() }
        #expect(throws: StoreError.self) { try results[1].get() }
        #expect(throws: Never.self) { try results[2].get() }
        let tokens = try await test.store.read { database in
            try String.fetchAll(database, sql: "SELECT CAST(token AS TEXT) FROM workers ORDER BY id")
        }
        #expect(tokens == ["token--1", "token--3"])
        // Once without a savepoint, once more with one.
        #expect(runs.withLock { $0 } == 2)
    }

    @Test func `An operation that is refused before it changes anything needs no second run`() async throws {
        let test = try await TestStore()
        let runs = Mutex(0)
        let results = await asOneGroup(
            test,
            [
                { context in
                    runs.withLock { $0 += 1 }
                    return try Self.insertWorker("token--1")(context)
                },
                { _ in throw StoreError.leaseLost(JobID(1)) },
            ])
        #expect(throws: StoreError.leaseLost(JobID(1))) { try results[1].get() }
        #expect(runs.withLock { $0 } == 1)
        #expect(try await test.count("SELECT count(*) FROM workers") == 1)
    }

    @Test func `Sums are right though a group had to be run again`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a", "b"])
        let sendings = try await test.lease(2).asyncMap { try await test.send($0) }
        let settlements = sendings.map { $0.settled(.answer()) }
        let results = await asOneGroup(
            test,
            [
                { context in try context.settle(settlements[0]) ? 1 : 0 },
                { context in
                    _ = try Self.insertWorker("token--1")(context)
                    context.rollups.addFailure(settlements[0].end, usage: nil, cost: nil)
                    throw StoreError.failed(detail: "on purpose")
                },
                { context in try context.settle(settlements[1]) ? 1 : 0 },
            ])
        #expect(try results[0].get() == 1 && results[2].get() == 1)
        let usage = try #require(try await test.store.usage().first)
        #expect(usage.requests == 2 && usage.failures == 0 && usage.cost == Picodollars(42_000_000))
        #expect(try await test.damage() == [])
    }

    @Test func `A savepoint around each operation gives the same results`() async throws {
        let test = try await TestStore()
        test.store.writer.guardsEachOperation = true
        try await test.enqueue(["a", "b"])
        for job in try await test.lease(2) {
            try await test.store.settle(try await test.send(job).settled(.answer()))
        }
        await #expect(throws: StoreError.self) {
            _ = try await test.store.writer.submit(Self.insertWorker("too short"))
        }
        #expect(try await test.store.usage().first?.requests == 2)
        #expect(try await test.damage() == [])
    }

    @Test func `Readers do not wait for a writer`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a"])
        // Read inside an open transaction of the writer: were the reader blocked, this would never end.
        _ = try await test.store.enqueue(BatchDraft(name: "second", settings: .fixture())) { inserter in
            try inserter.insert(.fixture(["b"]))
            let jobs = try test.store.readHere { try Int.fetchOne($0, sql: "SELECT count(*) FROM jobs") }
            #expect(jobs == 1)
        }
        #expect(try await test.count("SELECT count(*) FROM jobs") == 2)
    }

    @Test func `A lock that another process holds is waited for`() async throws {
        let test = try await TestStore()
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: test.path, configuration: configuration)
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        try test.store.writer.outsideTransaction { try $0.execute(sql: "PRAGMA busy_timeout = 0") }
        let writing = Task { try await test.worker() }
        while test.store.writer.lockWaits < 3 { await Task.yield() }
        try await other.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
        #expect(try await writing.value.token.count == 8)
    }
}

extension Array {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async throws -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
