import ParleyCore
import Testing

@testable import ConversationStore

struct FailureListTests {
    /// A job whose one request fails; a minute passes after it.
    private func fail(
        _ test: TestStore, _ key: String, batch: String = "one", kind: Failure.Kind = .overloaded,
        _ next: Settlement.NextStep = .fail
    ) async throws {
        try await test.enqueue([key], batch: batch)
        let job = try #require(try await test.lease().first)
        let sending = try await test.send(job)
        try await test.store.settle(sending.settled(.failure(next, kind: kind)))
        test.clock.advance(by: .seconds(60))
    }

    @Test func `Failures are listed with the newest first, and say which job they were of`() async throws {
        let test = try await TestStore()
        try await fail(test, "a")
        try await fail(test, "b", batch: "two", kind: .rejected)
        let list = try await test.store.failures()
        #expect(list.map(\.jobKey) == ["b", "a"])
        #expect(list.map(\.batch) == ["two", "one"])
        #expect(list.map(\.kind) == ["rejected", "overloaded"])
        #expect(list[0].model == .fixture && list[0].status == 503 && list[0].message == "busy")
        #expect(list[0].estimatedTokens == 25 && list[0].messagesCount == 1)
    }

    @Test func `Batch, kind and time each narrow the list`() async throws {
        let test = try await TestStore()
        try await fail(test, "a")
        let later = test.clock.time.now
        try await fail(test, "b", kind: .rejected)
        try await fail(test, "c", batch: "two")
        func keys(_ query: FailureQuery) async throws -> [String?] {
            try await test.store.failures(query).map(\.jobKey)
        }
        let two = try await test.store.requireBatch(named: "two").id
        #expect(try await keys(FailureQuery(batch: two)) == ["c"])
        #expect(try await keys(FailureQuery(kind: .rejected)) == ["b"])
        #expect(try await keys(FailureQuery(since: later)) == ["c", "b"])
        #expect(try await keys(FailureQuery(until: later)) == ["a"])
    }

    @Test func `Pages go on where the last one ended, and lose none that failed at the same moment`()
        async throws
    {
        let test = try await TestStore()
        for key in ["a", "b", "c", "d", "e"] { try await fail(test, key) }
        try test.tamper("UPDATE failed_requests SET failed_at = 1795000000000 WHERE attempt_id < 4")
        var seen: [AttemptID] = []
        var last: FailureRecord?
        repeat {
            let page = try await test.store.failures(FailureQuery(limit: 2, after: last))
            seen += page.map(\.id)
            last = page.last
        } while last != nil
        #expect(seen.map(\.number) == [5, 4, 3, 2, 1])
    }

    @Test func `Kinds are counted over all pages, the most frequent first`() async throws {
        let test = try await TestStore()
        for key in ["a", "b", "c"] { try await fail(test, key) }
        try await fail(test, "d", kind: .timedOut)
        let counts = try await test.store.failureCounts(FailureQuery(limit: 1))
        #expect(counts.map(\.kind) == ["overloaded", "timedOut"])
        #expect(counts.map(\.count) == [3, 1])
        #expect(try await test.store.failureCounts(FailureQuery(kind: .timedOut)).map(\.count) == [1])
    }

    @Test func `One failure is given whole, with its place among the requests of its job`() async throws {
        let test = try await TestStore()
        try await fail(test, "a", .retry(at: test.clock.time.now, candidate: 0))
        let job = try #require(try await test.lease().first)
        try await test.store.settle(try await test.send(job).settled(.failure(.fail, kind: .timedOut)))
        let first = try #require(try await test.store.failure(AttemptID(1)))
        let second = try #require(try await test.store.failure(AttemptID(2)))
        #expect([first.attempt, first.attempts] == [1, 2])
        #expect([second.attempt, second.attempts] == [2, 2])
        #expect(second.record.kind == "timedOut" && second.jobState == .failed && second.role == "default")
        #expect(second.requestBody == "{}" && second.responseBody == nil)
        #expect(second.latency == .milliseconds(250))
        #expect(second.idempotencyKey == first.idempotencyKey)
        #expect(try await test.store.failure(AttemptID(99)) == nil)
    }

    @Test func `Pruning keeps the newest, and what is young enough`() async throws {
        let test = try await TestStore()
        for key in ["a", "b", "c", "d"] { try await fail(test, key) }
        #expect(try await test.store.pruneFailedRequests(keeping: nil, younger: .seconds(200)) == 1)
        #expect(try await test.store.pruneFailedRequests(keeping: 2, younger: nil) == 1)
        #expect(try await test.store.failures().map(\.jobKey) == ["d", "c"])
        #expect(try await test.store.pruneFailedRequests() == 0)
        #expect(try await test.store.pruneFailedRequests(keeping: 0, younger: nil) == 2)
        #expect(try await test.count("SELECT count(*) FROM attempts WHERE state = 'failed'") == 4)
        #expect(try await test.damage() == [])
    }
}
