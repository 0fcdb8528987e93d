import Foundation
import GRDB
import OrderedCollections
import ParleyCore
import Testing

@testable import ConversationStore

@Suite struct PolicyStateTests {
    private let account = AccountName(provider: "openai", fingerprint: "0123456789abcdef")
    private var name: LimiterName { LimiterName(account: account, model: "gpt") }

    private var state: LimiterState {
        var state = LimiterState()
        state.requestsDueAt = 1_795_000_000_500_000_001
        state.tokensDueAt = 2
        state.inputTokensDueAt = 3
        state.outputTokensDueAt = 4
        state.pausedUntil = Timestamp(milliseconds: 1_795_000_060_000)
        state.told = RateLimits(requests: 60, tokens: 1000, inputTokens: 700, outputTokens: 300)
        return state
    }

    private func notes(_ limiter: LimiterState?, _ breaker: BreakerState?) -> PolicyNotes {
        PolicyNotes(
            limiters: limiter.map { [name: .init(state: $0, base: LimiterState())] } ?? [:],
            breakers: breaker.map { [account: .init(state: $0, base: .closed(failures: 0))] } ?? [:])
    }

    /// For somebody who knows nothing yet.
    private var blank: PolicyNotes { notes(LimiterState(), .closed(failures: 0)) }

    @Test(arguments: [
        BreakerState.closed(failures: 3), .open(until: Timestamp(milliseconds: 7)),
        .probing(until: Timestamp(milliseconds: 8)),
    ])
    func `Limiter and breaker survive a restart as they were`(breaker: BreakerState) async throws {
        let test = try await TestStore()
        let now = test.clock.time.now
        _ = try await test.store.exchange(notes(state, breaker), at: now)
        await test.store.close()
        let again = try await Store.open(at: test.path, time: test.clock.time)
        let states = try await again.exchange(blank, at: now)
        #expect(states.limiters == [name: state] && states.breakers == [account: breaker])
        await again.close()
    }

    @Test func `What nobody has kept comes back as it was handed in, and is not written`() async throws {
        let test = try await TestStore()
        let states = try await test.store.exchange(blank, at: test.clock.time.now)
        #expect(states.limiters == [name: LimiterState()])
        #expect(try await test.count("SELECT count(*) FROM limiter_state") == 0)
        #expect(try await test.count("SELECT count(*) FROM breaker_state") == 0)
    }

    @Test func `Two processes on one database lose nothing of each other's`() async throws {
        let test = try await TestStore()
        let now = test.clock.time.now
        let other = try await Store.open(at: test.path, time: test.clock.time)
        let second: Int64 = 1_000_000_000
        func due(_ seconds: Int64) -> LimiterState {
            var state = LimiterState()
            state.requestsDueAt = now.milliseconds * 1_000_000 + seconds * second
            return state
        }
        let base = due(10)
        _ = try await test.store.exchange(notes(base, nil), at: now)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for store in [test.store, other] {
                group.addTask {
                    var base = base
                    for _ in 0..<20 {
                        var mine = base
                        mine.requestsDueAt += second
                        let note = PolicyNotes(limiters: [name: .init(state: mine, base: base)])
                        base = try await store.exchange(note, at: now).limiters[name]!
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await test.store.exchange(blank, at: now).limiters[name] == due(50))
        await other.close()
    }

    @Test func `No text of a key can stand in the tables`() async throws {
        let test = try await TestStore()
        let columns = try await test.store.read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT name FROM pragma_table_info('limiter_state') WHERE type = 'TEXT'
                    UNION SELECT name FROM pragma_table_info('breaker_state') WHERE type = 'TEXT'
                    """)
        }
        #expect(Set(columns) == ["provider", "account", "model", "state"])
    }

    @Test func `A read-only store gives what is kept and takes nothing`() async throws {
        let test = try await TestStore()
        let now = test.clock.time.now
        _ = try await test.store.exchange(notes(state, nil), at: now)
        let reader = try await Store.openReadOnly(at: test.path, time: test.clock.time)
        #expect(try await reader.exchange(blank, at: now).limiters == [name: state])
        await #expect(throws: StoreError.readOnly(path: test.path)) {
            _ = try await reader.exchange(notes(state, .closed(failures: 1)), at: now)
        }
        await reader.close()
    }
}

@Suite struct ConversationTests {
    @Test func `A conversation comes back as it went in, continuation and calls included`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a"])
        let job = try #require(try await test.lease().first)
        let earlier = Message(
            role: .assistant, content: "", reasoning: "Hm.",
            toolCalls: [
                ToolCall(id: "c1", name: "look", arguments: .parsed(["word": "x"])),
                ToolCall(id: "c2", name: "look", arguments: .invalid(raw: "{oops")),
                ToolCall(id: "c3", name: "look", arguments: .repaired(["word": "y"], raw: #"{"word":"y"#)),
            ], continuation: ["dialect": "anthropic", "thinking": [["signature": "abc"]]])
        let result = Message(
            role: .tool, content: "found", toolCallID: "c1", isError: true, isProtected: true)
        let turns = [Message.user("Look x up."), earlier, result]
        let opened = try await test.store.open(
            .fixture(job, messages: turns, sentAt: test.clock.time.now))
        var answer = Completion.fixture("Forty-two.")
        answer.continuation = ["dialect": "openai-responses", "items": [1, 2]]
        let sending = Sending(job: job, attempt: opened, at: test.clock.time.now)
        try await test.store.settle(sending.settled(.answer(answer)))

        let stored = try await test.store.conversation(of: opened.session)
        #expect(stored == turns + [answer.message])
        #expect(try await test.damage() == [])
    }

    @Test func `Only an assistant's turn has something to go on with`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a"])
        let job = try #require(try await test.lease().first)
        var turn = Message.user("Hello.")
        turn.continuation = ["dialect": "anthropic"]
        let opened = try await test.store.open(
            .fixture(job, messages: [turn], sentAt: test.clock.time.now))
        #expect(try await test.store.conversation(of: opened.session) == [.user("Hello.")])
    }
}
