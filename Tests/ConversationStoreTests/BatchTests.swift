import ParleyCore
import Testing

@testable import ConversationStore

struct BatchTests {
    @Test func `A paused batch hands out nothing until it goes on`() async throws {
        let test = try await TestStore()
        let batch = try await test.enqueue(["a", "b"]).batch
        #expect(try await test.store.pause(batch: batch) == 2)
        #expect(try await test.lease().isEmpty)
        #expect(try await test.store.nextDue() == nil)
        #expect(try await test.store.unpause(batch: batch) == 2)
        #expect(try await test.lease(9).count == 2)
    }

    @Test func `Cancelling gives up what is not finished and keeps what is in the air`() async throws {
        let test = try await TestStore()
        let batch = try await test.enqueue(["sent", "unknown", "leased", "waiting"]).batch
        let jobs = try await test.lease(3)
        let sending = try await test.send(jobs[0])
        try await test.store.settle(try await test.send(jobs[1]).settled(.interrupted(partialText: nil)))

        #expect(try await test.store.cancel(batch: batch) == 3)
        #expect(try await test.state(of: "sent") == .sent)
        await #expect(throws: StoreError.leaseLost(jobs[2].lease.job)) { try await test.send(jobs[2]) }

        try await test.store.settle(sending.settled(.answer()))
        let status = try #require(try await test.store.status().first)
        #expect(status[.done] == 1 && status[.cancelled] == 3)
        #expect(try await test.damage() == [])
    }

    @Test func `A request that fails after the cancelling is not asked again`() async throws {
        let test = try await TestStore()
        let batch = try await test.enqueue().batch
        let sending = try await test.send(try #require(try await test.lease().first))
        try await test.store.cancel(batch: batch)
        try await test.store.settle(
            sending.settled(.failure(.retry(at: test.clock.time.now, candidate: 0))))
        #expect(try await test.state(of: "a") == .cancelled)
    }

    @Test func `A failed job that is retried begins a new round`() async throws {
        let test = try await TestStore()
        let batch = try await test.enqueue().batch
        try await test.store.settle(
            try await test.send(try #require(try await test.lease().first)).settled(.failure()))
        #expect(try await test.store.retry(batch: batch, states: [.unknown]) == 0)
        #expect(try await test.store.retry(batch: batch, states: [.failed, .unknown]) == 1)
        let job = try #require(try await test.job("a"))
        #expect(job.state == "waiting" && job.round == 1 && job.attempts == 0)
    }

    @Test func `A job of which no request can be made fails with its reason and can be retried`() async throws
    {
        let test = try await TestStore()
        let batch = try await test.enqueue().batch
        let job = try #require(try await test.lease().first)
        try await test.store.reject(job.lease, because: "The row has no prompt.")
        await #expect(throws: StoreError.leaseLost(job.lease.job)) {
            try await test.store.reject(job.lease, because: "Again.")
        }
        #expect(try await test.answers().first?.error?.message == "The row has no prompt.")
        #expect(try await test.damage() == [])
        #expect(try await test.store.retry(batch: batch, states: [.failed]) == 1)
        #expect(try await test.answers(.everything).first?.error == nil)
    }

    @Test func `The status tells counts, usage and cost`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a", "b", "c"])
        let jobs = try await test.lease(2)
        try await test.store.settle(try await test.send(jobs[0]).settled(.answer()))
        try await test.store.settle(try await test.send(jobs[1]).settled(.failure()))
        let status = try #require(try await test.store.status(of: ["batch"]).first)
        #expect(status[.done] == 1 && status[.failed] == 1 && status[.waiting] == 1)
        #expect(status.requests == 2 && status.failures == 1)
        #expect(status.usage.inputUncached == 100 && status.cost == Picodollars(21_000_000))
    }

    @Test func `A misspelt batch is told its nearest name`() async throws {
        let test = try await TestStore()
        try await test.enqueue(batch: "capitals")
        await #expect(throws: StoreError.batchUnknown(name: "capitols", nearest: "capitals")) {
            _ = try await test.store.status(of: ["capitols"])
        }
        await #expect(throws: StoreError.batchUnknown(name: "rivers", nearest: nil)) {
            _ = try await test.store.requireBatch(named: "rivers")
        }
    }
}
