import ConversationStore
import ParleyCore
import ProviderStack
import Synchronization
import Testing

@testable import BatchExecutor

/// Who waits, for how long, and that nobody's place is taken twice; time is virtual.
@Suite(.timeLimit(.minutes(2))) struct LimitDeskTests {
    private let clock = SteppingClock()
    private let name = LimiterName(account: AccountName(provider: "openai", fingerprint: "one"), model: "m")

    private func desk(
        _ own: RateLimits = RateLimits(), memory: any PolicyMemory = VolatilePolicyMemory(),
        limitTimeout: Duration? = nil, onMemoryFault: @escaping @Sendable (any Error) -> Void = { _ in }
    ) -> LimitDesk {
        LimitDesk(
            own: own, limitTimeout: limitTimeout, memory: memory, time: clock.time,
            onMemoryFault: onMemoryFault)
    }

    /// Sends so many requests through each desk at once; gives the moments at which they start.
    private func starts(
        _ count: Int, through desks: [LimitDesk], demand: LimitDemand = LimitDemand(inputTokens: 0)
    ) async throws -> [Timestamp] {
        let bench = try await RunnerBench(time: clock.time)
        let starts = await clock.going(with: bench.store) {
            await withTaskGroup(of: Timestamp?.self) { group in
                for desk in desks {
                    for _ in 0..<count {
                        group.addTask { [name] in
                            guard case .granted(let passage) = await desk.turn(name, demand) else {
                                return nil
                            }
                            desk.land(passage, .taken)
                            return passage.startsAt
                        }
                    }
                }
                return await group.reduce(into: [Timestamp]()) { if let start = $1 { $0.append(start) } }
            }
        }
        await bench.close()
        return starts.sorted()
    }

    @Test func `Two processes on one database keep to one limit exactly, and use it`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let limits = RateLimits(requests: 600)
        let other = try await Store.open(at: bench.store.path, time: clock.time)
        let starts = try await starts(
            30, through: [desk(limits, memory: bench.store), desk(limits, memory: other)])
        #expect(starts.count == 60)
        for (earlier, later) in zip(starts, starts.dropFirst()) {
            #expect(later.since(earlier) >= .milliseconds(50), "half of the distance may be caught up")
        }
        #expect(starts[59].since(starts[0]) < .milliseconds(59 * 102), "\(starts[59].since(starts[0]))")
        await other.close()
        await bench.close()
    }

    @Test func `Without a limit nobody waits, but no more than a few go before the first answer`()
        async throws
    {
        let desk = desk()
        var passages: [LimitDesk.Passage] = []
        for _ in 0..<AdaptiveConcurrency.start {
            guard case .granted(let passage) = await desk.turn(name, LimitDemand(inputTokens: 5)) else {
                throw CancellationError()
            }
            passages.append(passage)
        }
        async let next = desk.turn(name, LimitDemand(inputTokens: 5))
        while desk.state.withLock({ $0.queues[name]?.waiters.isEmpty ?? true }) { await Task.yield() }
        desk.land(passages[0], .taken)
        guard case .granted = await next else { throw CancellationError() }
        // Slow start: an answer makes room for its successor and for one more.
        guard case .granted = await desk.turn(name, LimitDemand(inputTokens: 5)) else {
            throw CancellationError()
        }
        #expect(desk.state.withLock { $0.book.room(of: name) } == 0)
        desk.stop()
    }

    @Test func `A limit that is known lets any number go at once, as far as the pace allows`() async throws {
        let starts = try await starts(40, through: [desk(RateLimits(tokens: 1_000_000_000))])
        #expect(starts.count == 40 && starts[39].since(starts[0]) < .seconds(1))
    }

    @Test func `A pause holds all who wait, and they go on after it`() async throws {
        let desk = desk(RateLimits(requests: 6000))
        let begin = clock.now
        desk.state.withLock { $0.book.withLimiter(name) { $0.pause(until: begin + .seconds(30)) } }
        let starts = try await starts(10, through: [desk])
        #expect(starts.count == 10)
        #expect(starts[0].since(begin) >= .seconds(30) && starts[9].since(begin) < .seconds(32))
    }

    @Test func `Whoever would have to wait longer than the limit timeout is told so`() async throws {
        let desk = desk(limitTimeout: .seconds(20))
        let begin = clock.now
        desk.state.withLock { $0.book.withLimiter(name) { $0.pause(until: begin + .seconds(30)) } }
        #expect(
            await desk.turn(name, LimitDemand(inputTokens: 0))
                == .heldTooLong("openai, which asked for a pause"))
    }

    @Test func `Where answers take long twice as many are let go each second`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let desk = desk()
        let start = clock.now
        let granted = await clock.going(with: bench.store) {
            await withTaskGroup(of: Timestamp?.self) { group in
                for _ in 0..<40 {
                    group.addTask { [name, clock] in
                        guard case .granted = await desk.turn(name, LimitDemand(inputTokens: 0)) else {
                            return nil
                        }
                        return clock.now
                    }
                }
                return await group.reduce(into: [Duration]()) {
                    if let at = $1 { $0.append(at.since(start)) }
                }
            }
        }
        #expect(granted.count == 40)
        #expect(granted.count { $0 < .seconds(1) } <= 8)
        #expect(granted.count { $0 < .seconds(2) } <= 16)
        #expect(granted.allSatisfy { $0 < .seconds(10) })
        await bench.close()
    }

    @Test func `A stop sends everybody home`() async throws {
        let desk = desk()
        desk.state.withLock { $0.book.withLimiter(name) { $0.pause(until: clock.now + .seconds(900)) } }
        async let turn = desk.turn(name, LimitDemand(inputTokens: 0))
        while desk.state.withLock({ $0.queues[name]?.waiters.isEmpty ?? true }) { await Task.yield() }
        desk.stop()
        #expect(await turn == .stopped)
        #expect(await desk.turn(name, LimitDemand(inputTokens: 0)) == .stopped)
    }

    @Test func `A refusal where no limit is told sets a pace`() async throws {
        let desk = desk()
        for landing in [LimitBook.Landing.taken, .refused] {
            guard case .granted(let passage) = await desk.turn(name, LimitDemand(inputTokens: 0)) else {
                throw CancellationError()
            }
            desk.land(passage, landing)
        }
        #expect(desk.state.withLock { $0.book.isPaced(name) })
        let starts = try await starts(5, through: [desk])
        // Two requests in a tenth of a second were too many: half of that is sent now.
        #expect(starts[4].since(starts[0]) >= .milliseconds(300))
    }

    @Test func `A memory that cannot be reached holds nobody up`() async throws {
        struct Broken: PolicyMemory {
            func exchange(_ notes: PolicyNotes, at now: Timestamp) async throws -> PolicyStates {
                throw CancellationError()
            }

            func exchange<Booked: Sendable>(
                _ notes: PolicyNotes, at now: Timestamp,
                _ book: @escaping @Sendable (inout PolicyStates) -> Booked
            ) async throws -> (states: PolicyStates, booked: Booked) { throw CancellationError() }

            let gates = VolatilePolicyMemory()
            func startWait(of name: LimiterName, distance: Double, at now: Timestamp) -> Duration {
                gates.startWait(of: name, distance: distance, at: now)
            }
        }
        let faults = Mutex(0)
        let desk = desk(RateLimits(requests: 600), memory: Broken()) { _ in faults.withLock { $0 += 1 } }
        let starts = try await starts(20, through: [desk])
        #expect(starts.count == 20 && faults.withLock { $0 } > 0)
        #expect(starts[19].since(starts[0]) >= .milliseconds(18 * 101))
    }

    @Test func `An answer whose length nobody limits is reserved as long as the last ones were`() {
        let start = clock.now
        var book = LimitBook(own: RateLimits(tokens: 6000))
        book.meet(name)
        func wait(after demand: LimitDemand) -> Duration {
            var states = PolicyStates(limiters: [name: LimiterState()])
            _ = book.booking([name: [demand]], at: start, within: .seconds(1))(&states)
            return TokenBucket(limits: RateLimits(tokens: 6000), state: states.limiters[name]!)
                .expectedWait(at: start)
        }
        #expect(wait(after: LimitDemand(inputTokens: 100)) < .milliseconds(1100))
        let place = book.withLimiter(name) { $0.reserve(inputTokens: 100, at: start) }
        book.settle(place, in: name, usage: Usage(inputUncached: 100, output: 400))
        #expect(wait(after: LimitDemand(inputTokens: 100)) > .seconds(4))
        #expect(wait(after: LimitDemand(inputTokens: 100, outputTokens: 50)) < .milliseconds(1600))
    }

    @Test func `Only places that are near are taken`() {
        let start = clock.now
        let book = LimitBook(own: RateLimits(requests: 60))
        var states = PolicyStates(limiters: [name: LimiterState()])
        let orders = [name: [LimitDemand](repeating: LimitDemand(inputTokens: 0), count: 10)]
        let places = book.booking(orders, at: start, within: .milliseconds(1500))(&states)
        #expect(places[name]?.count == 2)
        let later = book.booking(orders, at: start, within: .milliseconds(500))(&states)
        #expect(later[name] == nil)
    }
}
