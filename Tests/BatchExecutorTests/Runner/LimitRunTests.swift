import ConversationStore
import ParleyCore
import ProviderStack
import Synchronization
import Testing

@testable import BatchExecutor

/// What a run keeps of the limits, and how it goes around them; time is virtual.
@Suite(.timeLimit(.minutes(2))) struct LimitRunTests {
    private let clock = SteppingClock()

    private func governor(
        _ settings: RunSettings = RunSettings(), memory: any PolicyMemory = VolatilePolicyMemory(),
        key: String = "one"
    ) -> Governor {
        Governor(
            settings: settings,
            account: { AccountName(provider: $0, fingerprint: key) }, memory: memory, time: clock.time)
    }

    private let model = ModelName("simulator/sim-small")!

    private func ticket(_ governor: Governor, tokens: Int = 0) async throws -> Governor.Ticket {
        let demand = Governor.Demand(model: model, inputTokens: tokens, outputTokens: 0)
        guard case .granted(let ticket) = await governor.admit(demand) else { throw CancellationError() }
        return ticket
    }

    private func failure(_ kind: Failure.Kind, retryAfter: Duration? = nil) -> Failure {
        Failure(kind: kind, provider: model.provider, message: "no", retryAfter: retryAfter)
    }

    @Test func `A pause that a 429 asked for survives a restart`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let first = governor(memory: bench.store)
        first.failed(try await ticket(first), failure(.rateLimited, retryAfter: .seconds(100)))
        try await first.shareLimits()
        let second = governor(memory: bench.store)
        try await second.shareLimits(among: [model])
        #expect(second.askedWait(of: model) == .seconds(100))
        await bench.close()
    }

    @Test func `An open breaker survives a restart`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let first = governor(memory: bench.store)
        for _ in 0..<5 { first.failed(try await ticket(first), failure(.unreachable)) }
        try await first.shareLimits()
        let second = governor(memory: bench.store)
        try await second.shareLimits(among: [model])
        #expect(second.askedWait(of: model) == .seconds(30))
        await bench.close()
    }

    @Test func `What is taken of a limit is known to the next process`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let settings = RunSettings(tokensPerMinute: 60_000)
        let first = governor(settings, memory: bench.store)
        _ = try await ticket(first, tokens: 20_000)
        try await first.shareLimits()
        let second = governor(settings, memory: bench.store)
        try await second.shareLimits(among: [model])
        #expect(second.expectedWait(of: model) > .seconds(19))
        await bench.close()
    }

    @Test func `Another key of the provider is another account`() async throws {
        let memory = VolatilePolicyMemory()
        let first = governor(memory: memory, key: "one")
        first.failed(try await ticket(first), failure(.rateLimited, retryAfter: .seconds(100)))
        try await first.shareLimits()
        let second = governor(memory: memory, key: "two")
        try await second.shareLimits(among: [model])
        #expect(second.askedWait(of: model) == .zero)
    }

    @Test func `A run whose provider is paused since the last run waits until the pause is over`()
        async throws
    {
        let bench = try await RunnerBench(time: clock.time)
        let start = clock.now
        let runs = Mutex<BatchRunner?>(nil)
        let refusing = ScriptedProvider { (request, _) throws(Failure) in
            await runs.withLock { $0 }?.stop()
            var failure = Failure.fixture(.rateLimited, of: request)
            failure.retryAfter = .seconds(90)
            throw failure
        }
        let one = try await bench.enqueue(1, as: "one")
        let first = bench.runner(refusing)
        runs.withLock { $0 = first }
        _ = try await clock.going(with: bench.store) { try await first.run(batches: [one]) }
        #expect(clock.now.since(start) < .seconds(60))

        let askedAt = Mutex<Timestamp?>(nil)
        let answering = ScriptedProvider { [clock] (request, _) throws(Failure) in
            askedAt.withLock { $0 = clock.now }
            return .fixture(answering: request)
        }
        let two = try await bench.enqueue(1, as: "two")
        let summary = try await clock.going(with: bench.store) {
            try await bench.runner(answering).run(batches: [two])
        }
        #expect(summary.done == 1)
        #expect(askedAt.withLock { $0.map { $0.since(start) >= .seconds(90) } } == true)
        await bench.close()
    }

    @Test func `A provider that asks for a minute's silence is gone around while it lasts`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let start = clock.now
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            guard request.model.provider == "busy" else { return .fixture(answering: request) }
            var failure = Failure.fixture(.rateLimited, of: request)
            failure.retryAfter = .seconds(60)
            throw failure
        }
        let batch = try await bench.enqueue(
            30, settings: .ofRunner(model: "busy/big", fallbacks: ["simulator/sim-small"], attemptsMax: 1))
        let summary = try await clock.going(with: bench.store) {
            try await bench.runner(provider, concurrency: 4).run(batches: [batch])
        }
        #expect(summary.done == 30 && summary.failed == 0)
        #expect(provider.requests.filter { $0.model.provider == "busy" }.count <= 4)
        // A job that had just chosen the provider when the pause began waits it out, once.
        #expect(clock.now.since(start) < .seconds(120))
        await bench.close()
    }

    @Test func `An open breaker sends jobs to the fallback at once`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let start = clock.now
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            if request.model.provider == "down" { throw .fixture(.unreachable, of: request) }
            return .fixture(answering: request)
        }
        let batch = try await bench.enqueue(
            30, settings: .ofRunner(model: "down/big", fallbacks: ["simulator/sim-small"]))
        let summary = try await clock.going(with: bench.store) {
            try await bench.runner(provider, concurrency: 2).run(batches: [batch])
        }
        #expect(summary.done == 30)
        #expect(provider.requests.filter { $0.model.provider == "down" }.count <= 6)
        // As above, for the breaker's rest.
        #expect(clock.now.since(start) < .seconds(60))
        await bench.close()
    }

    @Test func `A wait longer than the limit timeout ends the run and loses no job`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let start = clock.now
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            var failure = Failure.fixture(.rateLimited, of: request)
            failure.retryAfter = .seconds(100)
            throw failure
        }
        let batch = try await bench.enqueue(12)
        let runner = bench.runner(provider, concurrency: 2, limitTimeout: .seconds(40))
        let summary = try await clock.going(with: bench.store) { try await runner.run(batches: [batch]) }
        #expect(summary.stopped == .providers && summary.waiting == 12 && summary.failed == 0)
        #expect(summary.stopDetail?.contains("longer than the 40 s") == true, "\(summary.stopDetail ?? "")")
        #expect(clock.now.since(start) < .seconds(100))
        await bench.close()
    }

    @Test func `A run without limits and failures writes nothing of them down`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let batch = try await bench.enqueue(20)
        _ = try await clock.going(with: bench.store) {
            try await bench.runner(ScriptedProvider()).run(batches: [batch])
        }
        let name = LimiterName(account: AccountName(provider: model.provider), model: model.model)
        var marked = LimiterState()
        marked.requestsDueAt = 1
        // A row that nobody has written comes back as it is handed in.
        let note = PolicyNotes(limiters: [name: .init(state: marked, base: marked)])
        #expect(try await bench.store.exchange(note, at: clock.now).limiters[name] == marked)
        await bench.close()
    }
}
