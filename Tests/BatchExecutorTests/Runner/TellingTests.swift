import ConversationStore
import Foundation
import Logging
import ParleyCore
import ProviderStack
import Synchronization
import Testing

@testable import BatchExecutor

/// Collects what a run tells.
private final class Listener: Sendable {
    private let heard = Mutex<[RunEvent]>([])
    private let seen = Mutex<[RunProgress]>([])

    func hear(_ event: RunEvent) { heard.withLock { $0.append(event) } }
    func see(_ progress: RunProgress) { seen.withLock { $0.append(progress) } }

    var events: [RunEvent] { heard.withLock { $0 } }
    var progress: [RunProgress] { seen.withLock { $0 } }

    func reports(_ pick: (RunEvent) -> JobReport?) -> [JobReport] { events.compactMap(pick) }
}

@Suite(.timeLimit(.minutes(2))) struct `What a run tells` {
    private func runner(
        _ bench: RunnerBench, _ provider: ScriptedProvider, _ listener: Listener,
        settings: RunSettings = RunSettings(concurrency: 4), retryPolicy: RetryPolicy = .immediate
    ) -> BatchRunner {
        BatchRunner(
            store: bench.store, providers: provider, settings: settings, retryPolicy: retryPolicy,
            time: bench.time, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            onProgress: { listener.see($0) }, onEvent: { listener.hear($0) })
    }

    @Test func `It begins and ends, and each answer is told once with its bill`() async throws {
        let bench = try await RunnerBench()
        let listener = Listener()
        let batch = try await bench.enqueue(20)
        let summary = try await runner(bench, ScriptedProvider(), listener).run(batches: [batch])

        guard case .started(let batches, let settings, let open) = listener.events.first else {
            Issue.record("the first event is \(String(describing: listener.events.first))")
            return
        }
        #expect(batches == ["batch"] && settings.concurrency == 4 && open == 20)
        #expect(listener.events.last == .ended(summary))
        let answers = listener.reports { if case .answered(let report) = $0 { report } else { nil } }
        #expect(Set(answers.map(\.key)) == Set((1...20).map { "q\($0)" }))
        #expect(answers.count == 20)
        #expect(answers.allSatisfy { $0.batch == "batch" && $0.attempt == 1 && $0.latency != nil })
        #expect(
            answers.allSatisfy { $0.usage?.total == 15 && $0.model?.description == "simulator/sim-small" })
        #expect(answers.reduce(Picodollars.zero) { $0 + ($1.cost ?? .zero) } == summary.cost)
        await bench.close()
    }

    @Test func `A failure that passes is told with its kind, its status and who is asked next`() async throws
    {
        let bench = try await RunnerBench()
        let listener = Listener()
        let provider = ScriptedProvider { (request, earlier) throws(Failure) in
            guard earlier < 1 else { return .fixture(answering: request) }
            var failure = Failure.fixture(.overloaded, of: request)
            failure.status = 503
            throw failure
        }
        let batch = try await bench.enqueue(1)
        _ = try await runner(bench, provider, listener).run(batches: [batch])

        let retries = listener.events.compactMap { event in
            if case .willRetry(let report, _, let next) = event { (report, next) } else { nil }
        }
        #expect(retries.count == 1)
        #expect(retries.first?.0.failure == .overloaded && retries.first?.0.status == 503)
        #expect(retries.first?.1.description == "simulator/sim-small")
        let answers = listener.reports { if case .answered(let report) = $0 { report } else { nil } }
        #expect(answers.map(\.attempt) == [2])
        await bench.close()
    }

    @Test func `A job that nobody would answer is told as failed`() async throws {
        let bench = try await RunnerBench()
        let listener = Listener()
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            throw .fixture(.rejected, of: request)
        }
        let batch = try await bench.enqueue(2)
        _ = try await runner(bench, provider, listener).run(batches: [batch])
        let failed = listener.reports { if case .failed(let report) = $0 { report } else { nil } }
        #expect(failed.map(\.failure) == [.rejected, .rejected])
        await bench.close()
    }

    @Test func `A job that its batch's deadline has ended is told as failed, without a request`() async throws
    {
        let bench = try await RunnerBench()
        let listener = Listener()
        let batch = try await bench.enqueue(3, deadline: bench.time.now)
        _ = try await runner(bench, ScriptedProvider(), listener).run(batches: [batch])
        let failed = listener.reports { if case .failed(let report) = $0 { report } else { nil } }
        #expect(Set(failed.map(\.key)) == ["q1", "q2", "q3"] && failed.count == 3)
        #expect(failed.allSatisfy { $0.batch == "batch" && $0.attempt == 0 && $0.model == nil })
        await bench.close()
    }

    @Test func `A run that has only a paused batch left says which one`() async throws {
        let bench = try await RunnerBench()
        let listener = Listener()
        let batch = try await bench.enqueue(10)
        let provider = ScriptedProvider { (request, earlier) throws(Failure) in
            _ = try? await bench.store.pause(batch: batch.id)
            return .fixture(answering: request)
        }
        let running = Task {
            try await runner(bench, provider, listener, settings: RunSettings(concurrency: 1)).run(
                batches: nil)
        }
        while !listener.progress.contains(where: { $0.waitingFor?.cause == .batchPaused("batch") }) {
            try await Task.sleep(for: .milliseconds(20))
        }
        // Each answer pauses it again.
        while listener.progress.last?.done != 10 {
            _ = try await bench.store.unpause(batch: batch.id)
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(try await running.value.done == 10)
        await bench.close()
    }

    @Test func `A stop is told, and what was cut is told as unknown`() async throws {
        let bench = try await RunnerBench()
        let listener = Listener()
        let reached = Gate()
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            await reached.open()
            do { try await Task.sleep(for: .seconds(600)) } catch {
                throw .fixture(.cancelled, of: request)
            }
            return .fixture(answering: request)
        }
        let batch = try await bench.enqueue(10)
        let runner = runner(bench, provider, listener, settings: RunSettings(concurrency: 1))
        async let running = runner.run(batches: [batch])
        await reached.pass()
        await runner.stopNow()
        _ = try await running

        #expect(listener.events.contains(.stopping(.signal, detail: nil)))
        let unknown = listener.reports { if case .unknown(let report) = $0 { report } else { nil } }
        #expect(unknown.count == 1)

        let second = Listener()
        _ = try await self.runner(bench, ScriptedProvider(), second).run(batches: [batch])
        #expect(second.events.contains(.rescued(RescueReport(askedAgain: 1))))
        await bench.close()
    }

    @Test func `A batch that nobody can answer is told, and why`() async throws {
        let bench = try await RunnerBench()
        let listener = Listener()
        let batch = try await bench.enqueue(3)
        _ = try await runner(bench, ScriptedProvider(missing: ["simulator"]), listener).run(batches: [batch])
        #expect(
            listener.events.contains {
                if case .batchClosed("batch", let reason) = $0 {
                    reason.contains("NOBODY_API_KEY")
                } else {
                    false
                }
            })
        await bench.close()
    }

    @Test func `No event repeats what was asked or answered`() async throws {
        let bench = try await RunnerBench()
        let listener = Listener()
        let provider = ScriptedProvider { (request, earlier) throws(Failure) in
            guard earlier < 1 else { return .fixture(answering: request) }
            throw Failure(
                kind: .emptyReply, provider: request.model.provider,
                message: "cannot answer '\(request.messages.last?.content ?? "")'")
        }
        let batch = try await bench.enqueue(5)
        _ = try await runner(bench, provider, listener).run(batches: [batch])
        #expect(!listener.events.isEmpty)
        for event in listener.events { #expect(!"\(event)".contains("question")) }
        await bench.close()
    }

    @Test func `The last progress has everything, and the rest is counted down`() async throws {
        let bench = try await RunnerBench()
        let listener = Listener()
        let batch = try await bench.enqueue(50)
        _ = try await runner(bench, ScriptedProvider(), listener).run(batches: [batch])
        let last = try #require(listener.progress.last)
        #expect(last.done == 50 && last.running == 0 && last.waiting == 0)
        #expect(last.gauges.map(\.model.description) == ["simulator/sim-small"])
        #expect(last.gauges.first.map { $0.requests.used == last.requestsPerMinute } == true)
        await bench.close()
    }

    @Test func `What a run waited for is in its summary, and was shown while it lasted`() async throws {
        let clock = SteppingClock()
        let bench = try await RunnerBench(time: clock.time)
        let listener = Listener()
        let provider = ScriptedProvider { (request, earlier) throws(Failure) in
            guard earlier < 1 else { return .fixture(answering: request) }
            var failure = Failure.fixture(.rateLimited, of: request)
            failure.retryAfter = .seconds(30)
            throw failure
        }
        let batch = try await bench.enqueue(1)
        let runner = runner(bench, provider, listener)
        let summary = try await clock.going(with: bench.store) { try await runner.run(batches: [batch]) }

        // The looks are taken beside the virtual clock, so some of them come late and count less.
        let waited = summary.waits.reduce(Duration.zero) { $0 + $1.duration }
        #expect(waited > .seconds(1) && waited < .seconds(60), "\(summary.waits)")
        #expect(
            listener.events.contains {
                if case .paused(let model, let time) = $0 {
                    model.provider == "simulator" && time > .seconds(25)
                } else {
                    false
                }
            })
        #expect(listener.progress.contains { $0.waitingFor != nil })
        await bench.close()
    }

    @Test func `The user's limits are on the gauge, and the pace counts as a wait`() async throws {
        let clock = SteppingClock()
        let bench = try await RunnerBench(time: clock.time)
        let listener = Listener()
        let batch = try await bench.enqueue(10)
        let runner = runner(
            bench, ScriptedProvider(), listener,
            settings: RunSettings(concurrency: 4, requestsPerMinute: 60, tokensPerMinute: 100_000))
        let summary = try await clock.going(with: bench.store) { try await runner.run(batches: [batch]) }
        let gauge = try #require(listener.progress.last?.gauges.first)
        #expect(gauge.requests.limit == 60 && gauge.tokens.limit == 100_000)
        #expect(summary.waits.contains { $0.cause.name == "limits" && $0.duration > .seconds(1) })
        // They are the user's own: nobody has heard them.
        #expect(!listener.events.contains { if case .limitsHeard = $0 { true } else { false } })
        await bench.close()
    }
}

@Suite struct GaugeWatchTests {
    private let now = Timestamp(milliseconds: 1_795_000_000_000)
    private let model = ModelName(provider: "openai", model: "gpt")

    private func gauge(_ change: (inout LimitGauge) -> Void) -> LimitGauge {
        var gauge = LimitGauge(model: model)
        change(&gauge)
        return gauge
    }

    @Test func `A pause is told once, and a longer one again`() {
        var watch = GaugeWatch(own: RateLimits())
        #expect(
            watch.look(at: [gauge { $0.pausedFor = .seconds(10) }], now) == [
                .paused(model, for: .seconds(10))
            ])
        #expect(watch.look(at: [gauge { $0.pausedFor = .seconds(9) }], now + .seconds(1)) == [])
        #expect(
            watch.look(at: [gauge { $0.pausedFor = .seconds(30) }], now + .seconds(2))
                == [.paused(model, for: .seconds(30))])
    }

    @Test func `Limits are news when they differ from the user's own`() {
        var watch = GaugeWatch(own: RateLimits(requests: 60))
        #expect(watch.look(at: [gauge { $0.requests.limit = 60 }], now) == [])
        let heard = gauge {
            $0.requests.limit = 60
            $0.tokens.limit = 1000
        }
        #expect(
            watch.look(at: [heard], now) == [.limitsHeard(model, RateLimits(requests: 60, tokens: 1000))])
        #expect(watch.look(at: [heard], now) == [])
    }

    @Test func `A breaker is told when it opens and when it closes, once for all models of its provider`() {
        var watch = GaugeWatch(own: RateLimits())
        var second = LimitGauge(model: ModelName(provider: "openai", model: "other"))
        second.restsFor = .seconds(30)
        let resting = gauge { $0.restsFor = .seconds(30) }
        #expect(watch.look(at: [resting, second], now) == [.breakerOpened("openai", for: .seconds(30))])
        #expect(watch.look(at: [resting, second], now) == [])
        #expect(watch.look(at: [gauge { $0.running = 1 }], now) == [.breakerClosed("openai")])
    }

    @Test func `What was found out is news when it has changed by a tenth`() {
        var watch = GaugeWatch(own: RateLimits())
        func learnt(_ concurrency: Int, _ pace: Int? = nil) -> LimitGauge {
            gauge {
                $0.concurrencyMax = concurrency
                $0.requests = .init(limit: pace, isLearnt: pace != nil)
            }
        }
        func event(_ concurrency: Int, _ pace: Int?) -> RunEvent {
            .limitsLearnt(model, concurrency: concurrency, requestsPerMinute: pace)
        }
        // What the search begins with was not found out.
        #expect(watch.look(at: [learnt(16)], now) == [])
        #expect(watch.look(at: [learnt(17)], now) == [])
        #expect(watch.look(at: [learnt(32)], now) == [event(32, nil)])
        #expect(watch.look(at: [learnt(32, 600)], now) == [event(32, 600)])
        #expect(watch.look(at: [learnt(33, 630)], now) == [])
        #expect(watch.look(at: [learnt(33, 300)], now) == [event(33, 300)])
    }
}

@Suite struct WaitLogTests {
    private let start = Timestamp(milliseconds: 1_795_000_000_000)

    @Test func `A wait that flickers is not shown`() {
        var log = WaitLog()
        for look in 0..<10 {
            log.look(look % 3 == 0 ? RunWait(.budget) : nil, at: start + .milliseconds(200 * look))
            #expect(log.lasting == nil)
        }
    }

    @Test func `A wait that lasts is shown with the time that is left by the newest look`() {
        var log = WaitLog()
        for look in 0..<5 {
            log.look(
                RunWait(.pause("openai"), left: .seconds(10 - look)), at: start + .milliseconds(200 * look))
        }
        #expect(log.lasting == RunWait(.pause("openai"), left: .seconds(6)))
    }

    @Test func `What was waited for is added up by its cause, but not the time in which the machine slept`() {
        var log = WaitLog()
        for look in 0..<11 { log.look(RunWait(.budget), at: start + .milliseconds(200 * look)) }
        #expect(log.total[.budget] == .seconds(2))
        log.look(RunWait(.budget), at: start + .seconds(3600))
        #expect(log.total[.budget] == .seconds(3))
    }
}
