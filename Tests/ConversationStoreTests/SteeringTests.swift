import ParleyCore
import Testing

@testable import ConversationStore

struct SteeringTests {
    @Test func `Pausing takes back what was handed out and not sent, so that nobody can send it`()
        async throws
    {
        let test = try await TestStore()
        let batch = try await test.enqueue(["sent", "leased", "waiting"]).batch
        let jobs = try await test.lease(2)
        let sending = try await test.send(jobs[0])

        #expect(try await test.store.pause(batch: batch) == 2)
        await #expect(throws: StoreError.leaseLost(jobs[1].lease.job)) { try await test.send(jobs[1]) }
        try await test.store.settle(sending.settled(.answer()))
        #expect(try await test.state(of: "sent") == .done)
        #expect(try await test.state(of: "leased") == .waiting)
        #expect(try await test.store.pausedWithWork() == [batch])

        try await test.store.unpause(batch: batch)
        #expect(try await test.lease(9).map(\.key) == ["leased", "waiting"])
        #expect(try await test.store.pausedWithWork() == [])
        #expect(try await test.damage() == [])
    }

    @Test func `Batches that are left out are not handed out, looked for or counted`() async throws {
        let test = try await TestStore()
        let first = try await test.enqueue(["a"], batch: "one").batch
        let second = try await test.enqueue(["b"], batch: "two").batch
        let worker = try await test.worker()
        let jobs = try await test.store.lease(upTo: 9, except: [first], worker: worker, for: .seconds(60))
        #expect(jobs.map(\.key) == ["b"])
        #expect(try await test.store.nextDue(except: [first]) == nil)
        #expect(try await test.store.pending(except: [first]) == PendingCounts(leased: 1))
        #expect(try await test.store.pending(except: [second]) == PendingCounts(waiting: 1))
    }

    @Test func `After its deadline a batch hands out nothing, and what waits fails of it, piece by piece`()
        async throws
    {
        let test = try await TestStore()
        let deadline = test.clock.time.now + .seconds(60)
        let batch = try await test.store.enqueue(
            BatchDraft(name: "batch", settings: .fixture(), deadline: deadline)
        ) { try $0.insert(.fixture(["a", "b", "c"])) }.batch
        let first = try #require(try await test.lease(for: .seconds(600)).first)
        #expect(try await test.store.expire(batch, upTo: 9) == [])

        test.clock.advance(by: .seconds(60))
        #expect(try await test.store.positions().map { $0.isOverdue(at: test.clock.time.now) } == [true])
        #expect(try await test.lease(9).isEmpty)
        #expect(try await test.store.expire(batch, upTo: 1) == ["b"])
        try await test.store.release([first.lease], dueAt: test.clock.time.now)
        #expect(Set(try await test.store.expire(batch, upTo: 9)) == ["a", "c"])
        #expect(try await test.answers().map(\.error?.kind) == ["deadline", "deadline", "deadline"])
        #expect(try await test.damage() == [])
    }

    @Test func `Asking anew what missed the deadline takes the deadline off`() async throws {
        let test = try await TestStore()
        let now = test.clock.time.now
        let batch = try await test.store.enqueue(
            BatchDraft(name: "batch", settings: .fixture(), deadline: now)
        ) { try $0.insert(.fixture(["a"])) }.batch
        _ = try await test.store.expire(batch, upTo: 9)
        let before = try #require(try await test.store.positions().first)
        #expect(try await test.store.retry(batch: batch, states: [.failed]) == 1)
        let after = try #require(try await test.store.positions().first)
        #expect(before.deadline == now && after.deadline == nil)
        #expect(after.revision > before.revision)
        #expect(try await test.lease().count == 1)
    }

    @Test func `Whoever enqueues again has the last word on limits, priority and deadline, if he says any`()
        async throws
    {
        let test = try await TestStore()
        var settings = BatchSettings.fixture()
        settings.limits = BatchLimits(concurrency: 4, requestsPerMinute: 60)
        try await test.enqueue(settings: settings, priority: 3)
        let first = try #require(try await test.store.positions().first)

        settings.limits = BatchLimits(requestsPerMinute: 90, budget: Picodollars(5))
        let deadline = test.clock.time.now + .seconds(9)
        _ = try await test.store.enqueue(
            BatchDraft(name: "batch", settings: settings, deadline: deadline)
        ) { try $0.insert(.fixture(["a"])) }
        let record = try await test.store.requireBatch(named: "batch")
        #expect(
            record.settings.limits
                == BatchLimits(concurrency: 4, requestsPerMinute: 90, budget: Picodollars(5)))
        #expect(record.priority == 3 && record.deadline == deadline)
        let second = try #require(try await test.store.positions().first)
        #expect(second.revision > first.revision)

        _ = try await test.store.enqueue(BatchDraft(name: "batch", settings: .fixture())) {
            try $0.insert(.fixture(["a"]))
        }
        #expect(try await test.store.positions().first == second)
    }
}
