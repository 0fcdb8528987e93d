import GRDB
import ParleyCore
import Synchronization
import Testing

@testable import ConversationStore

/// No query of the daily work may read a whole table that grows.
struct PlanTests {
    /// Tables that stay small: a row for a batch, a worker or a turn that is being answered, and the failures, whose number is
    /// bounded.
    private static let small: Set<String> = ["batches", "b", "workers", "failed_requests", "open_turns", "t"]

    /// The steps of the plan that read all of a table that grows.
    private func scans(_ sql: String, in database: Database) throws -> [String] {
        try steps(sql, in: database).filter { step in
            let words = step.split(separator: " ")
            return words.first == "SCAN" && words.count > 1 && words[1] != "CONSTANT"
                && !Self.small.contains(String(words[1]))
        }
    }

    private func steps(_ sql: String, in database: Database) throws -> [String] {
        let explain = try ConversationStore.Statement(
            composed: "EXPLAIN QUERY PLAN " + sql, on: try #require(database.sqliteConnection))
        var steps: [String] = []
        while try explain.step() { steps.append(explain.text(3)) }
        return steps
    }

    /// A life with everything in it, so that each statement of the writer has been prepared.
    private func live(in test: TestStore) async throws -> BatchID {
        let store = test.store
        let batch = try await test.enqueue((0..<80).map { "job-\($0)" }).batch
        try await test.enqueue((0..<80).map { "job-\($0)" })
        let worker = try await test.worker()
        let jobs = try await test.lease(7, worker: worker, for: .seconds(60))
        let call = ToolCall(id: "c", name: "n", arguments: .invalid(raw: "?"))
        try await store.settle(
            try await test.send(jobs[0]).settled(.answer(.fixture(toolCalls: [call]))))
        try await store.settle(try await test.send(jobs[1]).settled(.failure(.fail, partialText: "x")))
        try await store.settle(
            try await test.send(jobs[2]).settled(.failure(.retry(at: test.clock.time.now, candidate: 1))))
        try await store.settle(
            try await test.send(jobs[3]).settled(.failure(.release(at: test.clock.time.now))))
        try await store.settle(try await test.send(jobs[4]).settled(.interrupted(partialText: nil)))
        let late = try await test.send(jobs[5])
        _ = try await store.renew([jobs[6].lease], of: worker, for: .seconds(60))
        try await store.release([jobs[6].lease], dueAt: test.clock.time.now)
        try await test.watch(for: .seconds(61), .hold)
        _ = try await store.rescue(.retry)
        try? await store.settle(late.settled(.answer()))
        let again = try await test.lease(3, worker: worker)
        for batches in [nil, [batch]] {
            _ = try await store.open(
                .fixture(again[2], sentAt: test.clock.time.now, worstCase: Picodollars(1)),
                within: Budget(limit: .zero, batches: batches))
        }
        try await store.release([again[2].lease], dueAt: test.clock.time.now)
        _ = try await test.send(again[0])
        try await store.catchUpWithKnownRequests()
        var shared = AttemptOpening.fixture(again[1], sentAt: test.clock.time.now)
        shared.reuse = ReuseScope(reuses: true, collapses: true)
        _ = try await store.openShared(shared, within: nil)
        for job in try await test.lease(2, worker: worker) {
            var shared = AttemptOpening.fixture(job, sentAt: test.clock.time.now)
            shared.requestHash = [9]
            shared.reuse = ReuseScope(reuses: false, collapses: true)
            guard case .asked(.granted(let attempt, _)) = try await store.openShared(shared, within: nil)
            else {
                continue
            }
            var failed = Sending(job: job, attempt: attempt, at: test.clock.time.now).settled(.failure())
            failed.knownAs = [9]
            try await store.settle(failed)
        }
        try await store.retire(worker)
        _ = try await store.retry(batch: batch, states: [.failed, .unknown])
        try await store.pruneFailedRequests()
        try await store.add(prices: [])
        try await store.pause(batch: batch)
        try await store.cancel(batch: batch)
        return batch
    }

    @Test func `Nothing that the writer runs scans a table that grows`() async throws {
        let test = try await TestStore()
        _ = try await live(in: test)
        let statements = try test.store.writer.alone { $0.connection.preparedSQL }
        #expect(statements.count > 40)
        try await test.store.read { database in
            for sql in statements {
                guard sql.contains("jobs") || sql.contains("SELECT") || sql.contains("WHERE") else {
                    continue
                }
                let scans = try scans(sql, in: database)
                #expect(scans == [], "\(sql)")
            }
        }
    }

    @Test func `Nothing that is asked while a batch runs scans a table that grows`() async throws {
        let test = try await TestStore()
        let batch = try await live(in: test)
        let statements = Mutex<[String]>([])
        try await test.store.read { database in
            database.trace { event in
                let sql = event.description
                statements.withLock { $0.append(sql) }
            }
            let record = try #require(try BatchRecord.fetchOne(database, id: batch))
            _ = try JobCounts.all(
                of: record.id, jobs: record.jobs, held: JobCounts.held(in: database)[batch] ?? [:],
                in: database)
            _ = try UsageQuery(by: [.model], since: Timestamp(milliseconds: 1), batch: batch)
                .rows(in: database)
            database.trace()
        }
        let queries =
            statements.withLock { $0 } + [
                String(describing: AnswerReader.sql), Store.nextDueSQL, Store.pausedWithWorkSQL,
            ]
        try await test.store.read { database in
            for sql in queries {
                let scans = try scans(sql, in: database)
                #expect(scans == [], "\(sql)")
            }
        }
    }

    @Test func `Failures are found by their age or number, and come in order without being sorted`()
        async throws
    {
        let test = try await TestStore()
        let batch = try await live(in: test)
        let statements = Mutex<[String]>([])
        try await test.store.read { database in
            database.trace { event in
                let sql = event.description
                statements.withLock { $0.append(sql) }
            }
            let page = try FailureQuery().records(in: database)
            let query = FailureQuery(batch: batch, kind: .overloaded, limit: 1, after: page.first)
            _ = try query.records(in: database)
            let detail = try FailureDetail.fetchOne(database, id: try #require(page.first).id)
            #expect(detail?.record == page.first)
            database.trace()
        }
        let queries = statements.withLock { $0 }.filter { $0.hasPrefix("SELECT") }
        #expect(queries.count >= 3)
        try await test.store.read { database in
            for sql in queries {
                let plan = try steps(sql, in: database)
                #expect(try scans(sql, in: database) == [], "\(sql)")
                #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
                #expect(plan.contains { $0.hasPrefix("SEARCH f USING") }, "\(plan)")
            }
        }
    }
}
