import GRDB
import OrderedCollections
import ParleyCore
import Testing

@testable import ConversationStore

struct FencingTests {
    @Test func `An answered job is done, billed and readable`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let sending = try await test.send(try #require(try await test.lease().first))
        try await test.store.settle(sending.settled(.answer()))
        #expect(try await test.state(of: "a") == .done)
        let usage = try #require(try await test.store.usage().first)
        #expect(usage.requests == 1 && usage.cost == Picodollars(21_000_000))
        #expect(try await test.damage() == [])
    }

    @Test func `Whoever lost the lease cannot settle the job`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let lost = try await test.send(try #require(try await test.lease(for: .seconds(30)).first))
        try await test.watch(for: .seconds(31))
        let again = try await test.send(try #require(try await test.lease().first))

        await #expect(throws: StoreError.leaseLost(lost.job.lease.job)) {
            try await test.store.settle(lost.settled(.answer()))
        }
        #expect(try await test.state(of: "a") == .sent)
        try await test.store.settle(again.settled(.answer(.fixture("The second."))))
        #expect(try await test.answers().map(\.answer) == ["The second."])
    }

    @Test func `Whoever does not wait for a settlement hears of it after the commit`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let sending = try await test.send(try #require(try await test.lease().first))
        let error = await withCheckedContinuation { heard in
            test.store.settle(sending.settled(.answer())) { heard.resume(returning: $0) }
        }
        #expect(error == nil)
        #expect(try await test.answers().map(\.answer) == ["Forty-two."])
    }

    @Test func `Whoever does not wait hears that the lease was lost`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let lost = try await test.send(try #require(try await test.lease(for: .seconds(30)).first))
        try await test.watch(for: .seconds(31))
        _ = try await test.send(try #require(try await test.lease().first))

        let error = await withCheckedContinuation { heard in
            test.store.settle(lost.settled(.answer())) { heard.resume(returning: $0) }
        }
        #expect(error as? StoreError == .leaseLost(lost.job.lease.job))
    }

    @Test func `A late answer is kept as extra and billed`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let lost = try await test.send(try #require(try await test.lease(for: .seconds(30)).first))
        try await test.watch(for: .seconds(31))
        let again = try await test.send(try #require(try await test.lease().first))
        try await test.store.settle(again.settled(.answer()))
        try? await test.store.settle(lost.settled(.answer(.fixture("The late one."))))

        #expect(try await test.count("SELECT count(*) FROM messages WHERE extra = 1") == 1)
        #expect(try await test.store.usage().first?.cost == Picodollars(42_000_000))
        #expect(try await test.answers().map(\.answer) == ["Forty-two."])
        #expect(try await test.damage() == [])
    }

    @Test func `A late answer for a job that nobody holds is its answer`() async throws {
        for policy in UnknownPolicy.allCases {
            let test = try await TestStore()
            try await test.enqueue()
            let late = try await test.send(try #require(try await test.lease(for: .seconds(30)).first))
            try await test.watch(for: .seconds(31), policy)

            try await test.store.settle(late.settled(.answer()))

            #expect(try await test.state(of: "a") == .done)
            #expect(try await test.lease().isEmpty)
            #expect(try await test.damage() == [])
        }
    }

    @Test func `A late answer ends a lease under which nothing was sent yet`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let late = try await test.send(try #require(try await test.lease(for: .seconds(30)).first))
        try await test.watch(for: .seconds(31))
        let holder = try #require(try await test.lease().first)

        try await test.store.settle(late.settled(.answer()))

        #expect(try await test.state(of: "a") == .done)
        await #expect(throws: StoreError.leaseLost(holder.lease.job)) { try await test.send(holder) }
        #expect(try await test.damage() == [])
    }

    @Test func `A late answer saves a job that was given up meanwhile`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let late = try await test.send(try #require(try await test.lease(for: .seconds(30)).first))
        try await test.watch(for: .seconds(31))
        let again = try await test.send(try #require(try await test.lease().first))
        try await test.store.settle(again.settled(.failure(.fail)))

        try await test.store.settle(late.settled(.answer()))

        #expect(try await test.state(of: "a") == .done)
        #expect(try await test.answers().map(\.answer) == ["Forty-two."])
        #expect(try await test.damage() == [])
    }

    @Test func `A late failure is noted and changes nothing`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let late = try await test.send(try #require(try await test.lease(for: .seconds(30)).first))
        try await test.watch(for: .seconds(31), .hold)
        await #expect(throws: StoreError.leaseLost(late.job.lease.job)) {
            try await test.store.settle(late.settled(.failure()))
        }
        #expect(try await test.state(of: "a") == .unknown)
        #expect(try await test.store.usage().first?.failures == 1)
        #expect(try await test.damage() == [])
    }

    @Test func `A settlement counts once`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let sending = try await test.send(try #require(try await test.lease().first))
        try await test.store.settle(sending.settled(.answer()))
        await #expect(throws: StoreError.leaseLost(sending.job.lease.job)) {
            try await test.store.settle(sending.settled(.answer()))
        }
        #expect(try await test.store.usage().first?.requests == 1)
    }

    @Test func `A job whose request failed waits for its retry`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let sending = try await test.send(try #require(try await test.lease().first))
        let later = test.clock.time.now + .seconds(9)
        try await test.store.settle(sending.settled(.failure(.retry(at: later, candidate: 0))))
        #expect(try await test.store.nextDue() == later)
        #expect(try #require(try await test.job("a")).attempts == 1)
    }

    @Test func `A released request does not count as an attempt`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let sending = try await test.send(try #require(try await test.lease().first))
        try await test.store.settle(sending.settled(.failure(.release(at: test.clock.time.now))))
        let job = try #require(try await test.job("a"))
        #expect(job.state == "waiting" && job.attempts == 0)
    }

    @Test func `What had come of a broken answer is kept as partial`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a", "b"])
        let jobs = try await test.lease(2)
        try await test.store.settle(
            try await test.send(jobs[0]).settled(.failure(.fail, partialText: "Forty")))
        try await test.store.settle(
            try await test.send(jobs[1]).settled(.interrupted(partialText: "For")))
        let answers = try await test.answers(.everything)
        #expect(answers.map(\.answer) == ["Forty", "For"])
        #expect(answers.map(\.state) == ["failed", "unknown"])
        #expect(try await test.answers(.finished).map(\.answer) == [nil])
        #expect(try await test.damage() == [])
    }

    @Test func `A missing usage is not a usage of nothing`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let sending = try await test.send(try #require(try await test.lease().first))
        try await test.store.settle(sending.settled(.answer(.fixture(usage: nil), cost: nil)))
        let usage = try #require(try await test.store.usage().first)
        #expect(usage.unreportedRequests == 1 && usage.unpricedRequests == 1)
        #expect(try await test.answers().first?.usage == nil)
        #expect(try await test.damage() == [])
    }

    @Test func `A conversation of many turns is stored in order`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let job = try #require(try await test.lease().first)
        let call = ToolCall(id: "call_1", name: "clock", arguments: .parsed(["zone": "UTC"]))
        let messages = [
            Message.user("What time is it?"),
            Message(role: .assistant, content: "", toolCalls: [call]),
            Message(role: .tool, content: "noon", toolCallID: "call_1"),
            Message.user("Thanks. And tomorrow?"),
        ]
        let opening = AttemptOpening.fixture(job, messages: messages, sentAt: test.clock.time.now)
        let attempt = try await test.store.open(opening)
        let sending = Sending(job: job, attempt: attempt, at: test.clock.time.now)
        try await test.store.settle(sending.settled(.answer()))
        let roles = try await test.store.read { database in
            try String.fetchAll(database, sql: "SELECT role FROM messages ORDER BY position")
        }
        #expect(roles == ["user", "assistant", "tool", "user", "assistant"])
        #expect(try await test.count("SELECT count(*) FROM tool_calls WHERE state = 'pending'") == 1)
        #expect(try await test.damage() == [])
    }
}
