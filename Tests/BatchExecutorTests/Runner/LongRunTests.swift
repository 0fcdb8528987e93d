import ConversationStore
import ParleyCore
import ProviderStack
import Synchronization
import Testing

@testable import BatchExecutor

/// What people do to batches while they are worked on; time is virtual.
@Suite(.timeLimit(.minutes(3))) struct LongRunTests {
    private let clock = SteppingClock()

    /// Answers after so long, and remembers when each prompt was asked.
    private func answering(
        after latency: Duration = .milliseconds(50), _ log: AskLog,
        _ extra: @escaping @Sendable (CompletionRequest, Int) async throws(Failure) -> Void = { _, _ in }
    ) -> ScriptedProvider {
        ScriptedProvider { [clock] (request, _) throws(Failure) in
            let number = log.note(request.model, at: clock.now)
            try await extra(request, number)
            try? await clock.time.sleep(for: latency)
            log.landed(request.model)
            return .fixture(answering: request)
        }
    }

    @Test func `A run that watches takes what is enqueued meanwhile, of other models too`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let log = AskLog()
        _ = try await bench.enqueue(5, as: "first")
        let runs = Mutex<BatchRunner?>(nil)
        let provider = answering(log) { (request, number) throws(Failure) in
            if number == 5 {
                _ = try? await bench.enqueue(5, as: "second", settings: .ofRunner(model: "other/one"))
            }
            if log.count(of: "other/one") == 5 { await runs.withLock { $0 }?.stop() }
        }
        let runner = bench.runner(provider, watches: true)
        runs.withLock { $0 = runner }
        let summary = try await clock.going(with: bench.store) { try await runner.run(batches: nil) }
        #expect(summary.done == 10 && summary.stopped == .signal)
        #expect(summary.batches == ["first", "second"])
        await bench.close()
    }

    @Test func `A run that watches asks a provider again that took no key for a while`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let log = AskLog()
        let mended = clock.now + .seconds(400)
        _ = try await bench.enqueue(5)
        let runs = Mutex<BatchRunner?>(nil)
        let answered = Mutex(0)
        let provider = answering(log) { [clock] (request, _) throws(Failure) in
            guard clock.now >= mended else { throw .fixture(.unauthorized, of: request) }
            if answered.withLock({
                $0 += 1; return $0 == 5
            }) {
                await runs.withLock { $0 }?.stop()
            }
        }
        let runner = bench.runner(provider, concurrency: 1, watches: true)
        runs.withLock { $0 = runner }
        let summary = try await clock.going(with: bench.store) { try await runner.run(batches: nil) }
        #expect(summary.done == 5 && summary.failed == 0 && summary.stopped == .signal)
        // Once at the start, once after five minutes, and then for the answers.
        #expect(log.count(of: "simulator/sim-small") == 7)
        await bench.close()
    }

    @Test func `Nothing of a paused batch is sent any more, the other goes on, and unpaused it goes on too`()
        async throws
    {
        let bench = try await RunnerBench(time: clock.time)
        let log = AskLog()
        let held = try await bench.enqueue(60, as: "held", settings: .ofRunner(model: "held/one"))
        _ = try await bench.enqueue(60, as: "free")
        let pausedAfter = Mutex<Int?>(nil)
        let unpaused = Mutex(false)
        let provider = answering(log) { (request, number) throws(Failure) in
            if number == 10 {
                _ = try? await bench.store.pause(batch: held.id)
                pausedAfter.withLock { $0 = log.count(of: "held/one") }
            }
            if log.count(of: "simulator/sim-small") == 60, !unpaused.withLock({ $0 }) {
                // What was written down as sent before the pause may have been counted after it.
                let sentMax = pausedAfter.withLock { ($0 ?? 0) + 4 }
                #expect(log.count(of: "held/one") <= sentMax)
                unpaused.withLock { $0 = true }
                _ = try? await bench.store.unpause(batch: held.id)
            }
        }
        let summary = try await clock.going(with: bench.store) {
            try await bench.runner(provider, concurrency: 4).run(batches: nil)
        }
        #expect(unpaused.withLock { $0 })
        #expect(summary.done == 120 && summary.stopped == nil)
        await bench.close()
    }

    @Test func `A batch that is cancelled keeps the answers that come and asks no more`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let log = AskLog()
        let batch = try await bench.enqueue(50)
        let provider = answering(log) { (_, number) throws(Failure) in
            if number == 8 { _ = try? await bench.store.cancel(batch: batch.id) }
        }
        let summary = try await clock.going(with: bench.store) {
            try await bench.runner(provider, concurrency: 4).run(batches: [batch])
        }
        #expect(summary.done == provider.requests.count)
        #expect((8...11).contains(summary.done), "\(summary.done)")
        let status = try #require(try await bench.store.status(of: ["batch"]).first)
        #expect(status[.done] == summary.done && status[.cancelled] == 50 - summary.done)
        #expect(try await bench.store.check().filter { $0.severity == .damage } == [])
        await bench.close()
    }

    @Test func `A batch of higher priority that comes later goes first within a second`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let log = AskLog()
        _ = try await bench.enqueue(300, as: "low", settings: .ofRunner(model: "low/one"))
        let cameAt = Mutex<Timestamp?>(nil)
        let provider = answering(log) { [clock] (_, number) throws(Failure) in
            if number == 10 {
                _ = try? await bench.enqueue(
                    100, as: "high", settings: .ofRunner(model: "high/one"), priority: 5)
                cameAt.withLock { $0 = clock.now }
            }
        }
        let summary = try await clock.going(with: bench.store) {
            try await bench.runner(provider, concurrency: 4).run(batches: nil)
        }
        #expect(summary.done == 400)
        let came = try #require(cameAt.withLock { $0 })
        let last = try #require(log.moments(of: "high/one").max())
        let overtaken = log.moments(of: "low/one").filter { $0 > came + .seconds(1) && $0 < last }
        #expect(overtaken == [])
        await bench.close()
    }

    @Test func `A provider that wants to be left alone holds up no other provider's jobs`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let start = clock.now
        let log = AskLog()
        _ = try await bench.enqueue(40, as: "busy", settings: .ofRunner(model: "busy/one"))
        _ = try await bench.enqueue(40, as: "free", settings: .ofRunner(model: "free/one"))
        let provider = answering(log) { (request, _) throws(Failure) in
            guard request.model.provider == "busy", log.count(of: "busy/one") <= 2 else { return }
            var failure = Failure.fixture(.rateLimited, of: request)
            failure.retryAfter = .seconds(60)
            throw failure
        }
        let summary = try await clock.going(with: bench.store) {
            try await bench.runner(provider, concurrency: 2).run(batches: nil)
        }
        #expect(summary.done == 80)
        let last = try #require(log.moments(of: "free/one").max())
        // Long before the other provider's minute of silence is over.
        #expect(last.since(start) < .seconds(40), "\(last.since(start))")
        #expect(clock.now.since(start) >= .seconds(60))
        await bench.close()
    }

    @Test func `Rows that name their own models are looked through for those that may go`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let start = clock.now
        let log = AskLog()
        let batch = try await bench.enqueue(60, models: ["openai/busy", "groq/free"])
        let provider = answering(log) { (request, _) throws(Failure) in
            guard request.model.provider == "openai", log.count(of: "openai/busy") == 1 else { return }
            var failure = Failure.fixture(.rateLimited, of: request)
            failure.retryAfter = .seconds(60)
            throw failure
        }
        let summary = try await clock.going(with: bench.store) {
            try await bench.runner(provider, concurrency: 1).run(batches: [batch])
        }
        #expect(summary.done == 60)
        let last = try #require(log.moments(of: "groq/free").max())
        // Long before the other provider's minute of silence is over.
        #expect(last.since(start) < .seconds(40), "\(last.since(start))")
        await bench.close()
    }
}

/// When which model was asked, and how many requests were in the air at once.
final class AskLog: Sendable {
    private struct State: Sendable {
        var asked: [(model: String, at: Timestamp)] = []
        var inAir: [String: Int] = [:]
        var inAirMax: [String: Int] = [:]
    }

    private let state = Mutex(State())

    /// Gives how many have been asked by now.
    func note(_ model: ModelName, at now: Timestamp) -> Int {
        state.withLock { state in
            state.asked.append((model.description, now))
            state.inAir[model.description, default: 0] += 1
            let count = state.inAir[model.description, default: 0]
            state.inAirMax[model.description] = max(count, state.inAirMax[model.description, default: 0])
            return state.asked.count
        }
    }

    func landed(_ model: ModelName) { state.withLock { $0.inAir[model.description, default: 1] -= 1 } }

    func count(of model: String) -> Int { state.withLock { $0.asked.count { $0.model == model } } }

    func moments(of model: String) -> [Timestamp] {
        state.withLock { $0.asked.filter { $0.model == model }.map(\.at) }
    }

    func inAirMax(of model: String) -> Int { state.withLock { $0.inAirMax[model] ?? 0 } }
}
