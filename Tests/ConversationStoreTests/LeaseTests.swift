import ConversationStore
import ParleyCore
import Testing

struct LeaseTests {
    @Test func `Jobs are handed out in the order of their file`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["c", "a", "b"])
        let jobs = try await test.lease(2)
        #expect(jobs.map(\.key) == ["c", "a"])
        #expect(jobs.map(\.position) == [2, 3])
    }

    @Test func `A batch of higher priority is handed out first`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["low"], batch: "one")
        try await test.enqueue(["high"], batch: "two", priority: 5)
        #expect(try await test.lease(2).map(\.key) == ["high", "low"])
    }

    @Test func `Only the named batches are handed out`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a"], batch: "one")
        let second = try await test.enqueue(["b"], batch: "two")
        let worker = try await test.worker()
        let jobs = try await test.store.lease(
            upTo: 9, from: [second.batch], worker: worker, for: .seconds(1))
        #expect(jobs.map(\.key) == ["b"])
    }

    @Test func `A leased job brings what its row said`() async throws {
        let test = try await TestStore()
        _ = try await test.store.enqueue(BatchDraft(name: "batch", settings: .fixture())) {
            try $0.insert(.fixture(["x"], system: "A long prompt of the row's own."))
        }
        let job = try #require(try await test.lease().first)
        #expect(job.input == #"{"id":"x","prompt":"What is x?","system":null}"#)
        #expect(job.rowSystem == "A long prompt of the row's own.")
        #expect(job.attempts == 0 && job.round == 0 && job.candidate == 0 && job.session == nil)
    }

    @Test func `A lease that ran out before anything was sent is handed out again`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let first = try #require(try await test.lease(for: .seconds(30)).first)
        #expect(try await test.lease().isEmpty)

        test.clock.advance(by: .seconds(31))
        let second = try #require(try await test.lease().first)

        #expect(second.lease.job == first.lease.job)
        #expect(second.lease.token != first.lease.token)
        await #expect(throws: StoreError.leaseLost(first.lease.job)) { try await test.send(first) }
    }

    @Test func `A renewed lease lasts, and a lost one is given back`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a", "b"])
        let worker = try await test.worker()
        let jobs = try await test.lease(2, worker: worker, for: .seconds(30))
        test.clock.advance(by: .seconds(20))
        #expect(try await test.store.renew([jobs[0].lease], of: worker, for: .seconds(30)).isEmpty)
        test.clock.advance(by: .seconds(20))
        #expect(try await test.lease(2).map(\.key) == ["b"])
        let lost = try await test.store.renew(jobs.map(\.lease), of: worker, for: .seconds(30))
        #expect(lost == [jobs[1].lease])
    }

    @Test func `A released job waits until it is due`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let job = try #require(try await test.lease().first)
        let later = test.clock.time.now + .seconds(10)
        try await test.store.release([job.lease], dueAt: later)
        #expect(try await test.lease().isEmpty)
        #expect(try await test.store.nextDue() == later)
        test.clock.advance(by: .seconds(10))
        #expect(try await test.lease().count == 1)
    }

    @Test func `Jobs that were asked before come before those that never were`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a", "b", "c"])
        let first = try #require(try await test.lease().first)
        let sending = try await test.send(first)
        try await test.store.settle(
            sending.settled(.failure(.retry(at: test.clock.time.now + .seconds(5), candidate: 1))))
        test.clock.advance(by: .seconds(6))
        let jobs = try await test.lease(2)
        #expect(jobs.map(\.key) == ["a", "b"])
        #expect(jobs[0].candidate == 1 && jobs[0].attempts == 1 && jobs[0].session == sending.attempt.session)
    }

    @Test func `Two stores on one file never hand out the same job`() async throws {
        let test = try await TestStore()
        try await test.enqueue((0..<200).map { "job-\($0)" })
        let other = try await Store.open(at: test.path, time: test.clock.time)
        let worker = try await test.worker()
        let stores = [test.store, other]
        let jobs = try await withThrowingTaskGroup(of: [LeasedJob].self) { group in
            for index in 0..<40 {
                group.addTask {
                    try await stores[index % 2].lease(upTo: 5, worker: worker, for: .seconds(60))
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(jobs.count == 200)
        #expect(Set(jobs.map(\.key)).count == 200)
        await other.close()
    }

    @Test func `What is pending is counted by state`() async throws {
        let test = try await TestStore()
        let report = try await test.enqueue(["a", "b", "c", "d"])
        let jobs = try await test.lease(3)
        _ = try await test.send(jobs[0])
        try await test.store.settle(try await test.send(jobs[1]).settled(.interrupted(partialText: nil)))
        let expected = PendingCounts(waiting: 1, leased: 1, sent: 1, unknown: 1)
        #expect(try await test.store.pending() == expected)
        #expect(try await test.store.pending(from: [report.batch]) == expected)
        #expect(try await test.store.pending(from: []) == PendingCounts())
    }
}
