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
        state.learnt = LearntPace(
            perMinute: 2990.5, provenPerMinute: 2900.25, refusedPerMinute: 3050,
            loweredAt: Timestamp(milliseconds: 1_795_000_000_100),
            changedAt: Timestamp(milliseconds: 1_795_000_000_200))
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

    @Test func `Waits that were written by a clock an hour ahead count from now`() async throws {
        let test = try await TestStore()
        let now = test.clock.time.now
        let ahead = now + .seconds(3600)
        var state = LimiterState()
        state.requestsDueAt = (ahead + .seconds(2)).milliseconds * 1_000_000
        state.pausedUntil = ahead + .seconds(30)
        _ = try await test.store.exchange(notes(state, .open(until: ahead + .seconds(20))), at: ahead)

        let states = try await test.store.exchange(blank, at: now)

        let limiter = try #require(states.limiters[name])
        #expect(limiter.requestsDueAt == (now + .seconds(2)).milliseconds * 1_000_000)
        #expect(limiter.pausedUntil == now + .seconds(30))
        #expect(states.breakers[account] == .open(until: now + .seconds(20)))
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

    @Test func `What is taken in an exchange is kept with it, of limiters that nobody has met yet, too`()
        async throws
    {
        let test = try await TestStore()
        let now = test.clock.time.now
        let (states, booked) = try await test.store.exchange(blank, at: now) { [name] states in
            states.limiters[name]?.requestsDueAt += 77
            return states.limiters[name]?.requestsDueAt ?? 0
        }
        #expect(booked == 77 && states.limiters[name]?.requestsDueAt == 77)
        let (_, next) = try await test.store.exchange(blank, at: now) { [name] in
            $0.limiters[name]?.requestsDueAt ?? 0
        }
        #expect(next == 77)
        await test.store.close()
    }
}
