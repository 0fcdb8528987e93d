import ConversationStore
import ParleyCore
import ProviderStack
import Synchronization
import Testing

@testable import BatchExecutor

/// What a batch may say of its own running: limits, attempts, a deadline, a timeout; time is virtual.
@Suite(.timeLimit(.minutes(3))) struct BatchLimitTests {
    private let clock = SteppingClock()

    private func answering(_ log: AskLog, after latency: Duration = .milliseconds(50)) -> ScriptedProvider {
        ScriptedProvider { [clock] (request, _) throws(Failure) in
            _ = log.note(request.model, at: clock.now)
            try? await clock.time.sleep(for: latency)
            log.landed(request.model)
            return .fixture(answering: request)
        }
    }

    private func settings(_ model: String, _ limits: BatchLimits, attemptsMax: Int = 10) -> BatchSettings {
        var settings = BatchSettings.ofRunner(model: model, attemptsMax: attemptsMax)
        settings.limits = limits
        return settings
    }

    @Test func `A batch's own concurrency holds for it and for nobody else`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let log = AskLog()
        _ = try await bench.enqueue(20, as: "narrow", settings: settings("narrow/one", .init(concurrency: 2)))
        _ = try await bench.enqueue(40, as: "wide", settings: settings("wide/one", .init()))
        let summary = try await clock.going(with: bench.store) {
            try await bench.runner(answering(log), concurrency: 8).run(batches: nil)
        }
        #expect(summary.done == 60)
        #expect(log.inAirMax(of: "narrow/one") == 2)
        #expect(log.inAirMax(of: "wide/one") >= 6)
        await bench.close()
    }

    @Test func `A batch's own pace holds for it, and the other batch goes on meanwhile`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let log = AskLog()
        let start = clock.now
        _ = try await bench.enqueue(
            10, as: "paced", settings: settings("paced/one", .init(requestsPerMinute: 60)))
        _ = try await bench.enqueue(40, as: "free", settings: settings("free/one", .init()))
        let summary = try await clock.going(with: bench.store) {
            try await bench.runner(answering(log), concurrency: 4).run(batches: nil)
        }
        #expect(summary.done == 50)
        // Nine distances of a second; somebody who came late may have caught up a little.
        #expect(try #require(log.moments(of: "paced/one").max()).since(start) >= .milliseconds(8400))
        #expect(try #require(log.moments(of: "free/one").max()).since(start) < .seconds(7))
        await bench.close()
    }

    @Test func `Each batch gives up after its own number of attempts`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let log = AskLog()
        _ = try await bench.enqueue(3, as: "once", settings: settings("once/one", .init(), attemptsMax: 1))
        _ = try await bench.enqueue(
            3, as: "thrice", settings: settings("thrice/one", .init(), attemptsMax: 3))
        let provider = ScriptedProvider { [clock] (request, _) throws(Failure) in
            _ = log.note(request.model, at: clock.now)
            throw .fixture(.overloaded, of: request)
        }
        let summary = try await clock.going(with: bench.store) {
            try await bench.runner(provider).run(batches: nil)
        }
        #expect(summary.failed == 6)
        #expect(log.count(of: "once/one") == 3 && log.count(of: "thrice/one") == 9)
        await bench.close()
    }

    @Test func `Nothing is sent after the deadline, and what is left has failed of it`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let log = AskLog()
        let deadline = clock.now + .seconds(20)
        let batch = try await bench.enqueue(200, deadline: deadline)
        let summary = try await clock.going(with: bench.store) {
            try await bench.runner(answering(log, after: .milliseconds(500)), concurrency: 2).run(batches: [
                batch
            ])
        }
        // Between the look at the clock and the request stands its way into the ledger.
        let last = try #require(log.moments(of: "simulator/sim-small").max())
        #expect(last < deadline + .milliseconds(250))
        #expect(summary.done == log.count(of: "simulator/sim-small") && summary.done > 0)
        #expect(summary.failed == 200 - summary.done && summary.waiting == 0 && summary.stopped == nil)
        let missed = try #require(try await bench.answers(of: batch).last)
        #expect(missed.state == "failed" && missed.error?.kind == "deadline")
        await bench.close()
    }

    @Test func `Jobs that missed the deadline are asked after all when they are queued again`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let batch = try await bench.enqueue(3, deadline: clock.now)
        let missed = try await clock.going(with: bench.store) {
            try await bench.runner(ScriptedProvider()).run(batches: [batch])
        }
        #expect(missed.failed == 3 && missed.requests == 0)
        #expect(try await bench.store.retry(batch: batch.id, states: [.failed]) == 3)
        let summary = try await clock.going(with: bench.store) {
            try await bench.runner(ScriptedProvider()).run(batches: [batch])
        }
        #expect(summary.done == 3)
        await bench.close()
    }

    @Test func `A request that takes longer than its batch allows is ended, and may be asked again`()
        async throws
    {
        let bench = try await RunnerBench(time: clock.time)
        let start = clock.now
        let provider = ScriptedProvider { [clock] (request, earlier) throws(Failure) in
            if earlier == 0 {
                do { try await clock.time.sleep(for: .seconds(600)) } catch {
                    throw .fixture(.cancelled, of: request)
                }
            }
            return .fixture(answering: request)
        }
        let batch = try await bench.enqueue(
            4, settings: settings("simulator/sim-small", .init(requestTimeout: .seconds(30))))
        let summary = try await clock.going(with: bench.store) {
            try await bench.runner(provider).run(batches: [batch])
        }
        #expect(summary.done == 4 && summary.requests == 8 && summary.unknown == 0)
        #expect(clock.now.since(start) < .seconds(60))
        await bench.close()
    }
}
