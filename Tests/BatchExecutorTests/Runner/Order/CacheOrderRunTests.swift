import ConversationStore
import Foundation
import ParleyCore
import ProviderSimulator
import ProviderStack
import Synchronization
import Testing

@testable import BatchExecutor

/// Whole runs against the simulator's caches: every job but the leaders hits, whatever happens to a leader. Time is virtual.
@Suite(.timeLimit(.minutes(3))) struct CacheOrderRunTests {
    private let clock = SteppingClock()
    /// 60 questions about five documents of 8,000 characters, shuffled.
    private static let documents = 5
    private static let questions = 60

    private func enqueue(
        _ model: String, into bench: RunnerBench, as name: String = "batch", priority: Int? = nil,
        documents count: Int = documents, questions: Int = questions, perMinute: Int? = nil
    ) async throws -> BatchRecord {
        let documents = (0..<count).map { number in
            (0..<800).map { "d\(number)w\(($0 * 7 + number) % 97) " }.joined()
        }
        let rows = (0..<questions).map { number in
            JobFile.InlineRow(
                value: [
                    "document": .string(documents[number * 7 % count]),
                    "question": .string("What does paragraph \(number) say?"),
                ], line: number + 1)
        }
        var sheet = JobSheet(
            files: [JobFile(origin: .rows(rows), name: "rows")], batch: name, model: ModelName(model),
            prompt: "{{document}}\n\n{{question}}", maxTokens: 30)
        sheet.priority = priority
        sheet.limits.requestsPerMinute = perMinute
        _ = try await Ingest.enqueue(sheet, into: bench.store)
        return try await bench.store.batch(named: name)!
    }

    private func hits(of batch: BatchRecord, in bench: RunnerBench) async throws -> Int {
        try await bench.answers(of: batch).count { ($0.usage?.cacheRead ?? 0) > 0 }
    }

    @Test(
        arguments: [
            ("simulator/claude-sonnet-5", 1), ("simulator/gpt-5", 1), ("simulator/gpt-5.6", 1),
            ("simulator/deepseek-chat", 2),
        ])
    func `Every job but the leaders hits`(model: String, leaders: Int) async throws {
        let bench = try await RunnerBench(time: clock.time)
        let batch = try await enqueue(model, into: bench)
        let provider = WatchedSimulator(time: clock.time)
        let summary = try await clock.going(with: bench.store) {
            try await bench.runner(provider, concurrency: 16).run(batches: [batch])
        }
        #expect(summary.done == Self.questions)
        #expect(try await hits(of: batch, in: bench) == Self.questions - leaders * Self.documents)
        await bench.close()
    }

    @Test func `A leader that fails passes the lead on`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let batch = try await enqueue("simulator/claude-sonnet-5", into: bench)
        // The first request about each document comes to nothing.
        let provider = WatchedSimulator(time: clock.time) { request, earlier in
            earlier.contains { $0.hasSameDocument(as: request) }
                ? nil : Failure.fixture(.overloaded, of: request)
        }
        let summary = try await clock.going(with: bench.store) {
            try await bench.runner(provider, concurrency: 16).run(batches: [batch])
        }
        #expect(summary.done == Self.questions && summary.retries == Self.documents)
        #expect(try await hits(of: batch, in: bench) == Self.questions - Self.documents)
        await bench.close()
    }

    @Test func `A batch that is paused while it is led goes on later`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let batch = try await enqueue("simulator/claude-sonnet-5", into: bench)
        let isPaused = Mutex(false)
        let provider = WatchedSimulator(time: clock.time) { [clock] _, earlier in
            guard earlier.count == 2, !isPaused.withLock({ $0 }) else { return nil }
            isPaused.withLock { $0 = true }
            _ = try? await bench.store.pause(batch: batch.id)
            Task {
                try? await clock.time.sleep(for: .seconds(5))
                _ = try? await bench.store.unpause(batch: batch.id)
            }
            return nil
        }
        let summary = try await clock.going(with: bench.store) {
            try await bench.runner(provider, concurrency: 2).run(batches: nil)
        }
        #expect(summary.done == Self.questions && isPaused.withLock { $0 })
        await bench.close()
    }

    @Test func `A run that was stopped under its leaders is taken up by the next`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let batch = try await enqueue("simulator/claude-sonnet-5", into: bench)
        let runs = Mutex<BatchRunner?>(nil)
        let first = WatchedSimulator(time: clock.time) { _, earlier in
            if earlier.count == 3 { await runs.withLock { $0 }?.stopNow() }
            return nil
        }
        let runner = bench.runner(first, concurrency: 4)
        runs.withLock { $0 = runner }
        let stopped = try await clock.going(with: bench.store) { try await runner.run(batches: [batch]) }
        #expect(stopped.stopped == .signal && stopped.done < Self.questions)
        let summary = try await clock.going(with: bench.store) {
            try await bench.runner(WatchedSimulator(time: clock.time), concurrency: 4).run(batches: [batch])
        }
        #expect(stopped.done + summary.done == Self.questions)
        await bench.close()
    }

    @Test func `Two runs on one batch answer each job once`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let batch = try await enqueue("simulator/claude-sonnet-5", into: bench)
        let provider = WatchedSimulator(time: clock.time)
        let done = try await clock.going(with: bench.store) {
            async let one = bench.runner(provider, concurrency: 4).run(batches: [batch])
            async let two = bench.runner(provider, concurrency: 4).run(batches: [batch])
            return try await one.done + two.done
        }
        #expect(done == Self.questions && provider.requests.count == Self.questions)
        // Each of them may have led each document once.
        #expect(try await hits(of: batch, in: bench) >= Self.questions - 2 * Self.documents)
        await bench.close()
    }

    /// In the order of arrival each of the six documents comes by every six minutes, and an entry lives for five.
    @Test func `While a limit is waited for, every document is written once`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let batch = try await enqueue(
            "simulator/claude-sonnet-5", into: bench, documents: 6, questions: 12, perMinute: 1)
        let start = clock.now
        _ = try await clock.going(with: bench.store) {
            try await bench.runner(WatchedSimulator(time: clock.time), concurrency: 16).run(batches: [batch])
        }
        #expect(clock.now.since(start) > .seconds(600))
        #expect(try await hits(of: batch, in: bench) == 6)
        await bench.close()
    }

    /// Five answers of six minutes each, one after the other. The first cannot know that and writes for five minutes (1.25), the
    /// second for an hour (2.0), which the other three read (0.1 each): 3.55, against 5 without an entry and 6.25 with one that
    /// each has to write anew.
    @Test func `Where requests lie further apart than an entry lives, it is written for an hour`()
        async throws
    {
        let bench = try await RunnerBench(time: clock.time)
        let batch = try await enqueue(
            "simulator/claude-sonnet-5", into: bench, documents: 1, questions: 5)
        let provider = WatchedSimulator(time: clock.time, latency: .seconds(360))
        _ = try await clock.going(with: bench.store) {
            try await bench.runner(provider, concurrency: 1).run(batches: [batch])
        }
        let usages = try await bench.answers(of: batch).compactMap(\.usage)
        #expect(usages.count { $0.cacheWrite5m > 0 } == 1)
        #expect(usages.count { $0.cacheWrite1h > 0 } == 1)
        #expect(usages.count { $0.cacheRead > 0 } == 3)
        await bench.close()
    }

    @Test func `A batch of higher priority goes first, group by group`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let low = try await enqueue("simulator/claude-sonnet-5", into: bench, as: "low")
        let high = try await enqueue("simulator/claude-haiku-3", into: bench, as: "high", priority: 5)
        let provider = WatchedSimulator(time: clock.time)
        _ = try await clock.going(with: bench.store) {
            try await bench.runner(provider, concurrency: 4).run(batches: [low, high])
        }
        let models = provider.requests.map(\.model.model)
        // Only while all of the high one wait for their leaders do others go.
        let overtakers = models.prefix(Self.questions).count { $0 == "claude-sonnet-5" }
        #expect(overtakers <= 8, "\(overtakers)")
        await bench.close()
    }

    @Test func `A provider that cannot stream loses no job: its leaders are waited for whole`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let batch = try await enqueue("simulator/claude-sonnet-5", into: bench)
        let provider = WatchedSimulator(time: clock.time, refusesStreams: true)
        let summary = try await clock.going(with: bench.store) {
            try await bench.runner(provider, concurrency: 16).run(batches: [batch])
        }
        #expect(summary.done == Self.questions && summary.failed == 0)
        // Those that were under way when the first one was refused.
        #expect(provider.streamed <= Self.documents)
        #expect(try await hits(of: batch, in: bench) == Self.questions - Self.documents)
        await bench.close()
    }

    @Test func `The leaders alone are streamed`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let batch = try await enqueue("simulator/claude-sonnet-5", into: bench)
        let provider = WatchedSimulator(time: clock.time)
        _ = try await clock.going(with: bench.store) {
            try await bench.runner(provider, concurrency: 16).run(batches: [batch])
        }
        #expect(provider.streamed == Self.documents)
        await bench.close()
    }
}

extension CompletionRequest {
    fileprivate func hasSameDocument(as other: CompletionRequest) -> Bool {
        messages[0].content.prefix(64) == other.messages[0].content.prefix(64)
    }
}

/// The simulator, which can be made to fail, and which remembers what it was asked.
private final class WatchedSimulator: Provider, ProviderSource {
    typealias Trouble =
        @Sendable (CompletionRequest, _ earlier: [CompletionRequest]) async -> Failure?

    let name: ProviderName = "simulator"
    private let simulator: SimulatedProvider
    private let trouble: Trouble
    private let refusesStreams: Bool
    private let asked = Mutex<[CompletionRequest]>([])
    private let streams = Mutex(0)

    init(
        time: TimeSource, latency: Duration = .milliseconds(100), refusesStreams: Bool = false,
        trouble: @escaping Trouble = { _, _ in nil }
    ) {
        simulator = SimulatedProvider(settings: SimulatorSettings(seed: 3, latency: latency), time: time)
        self.trouble = trouble
        self.refusesStreams = refusesStreams
    }

    var requests: [CompletionRequest] { asked.withLock { $0 } }
    var streamed: Int { streams.withLock { $0 } }

    func complete(_ request: CompletionRequest) async throws(Failure) -> Completion {
        try await meetTrouble(request)
        return try await simulator.complete(request)
    }

    func stream(
        _ request: CompletionRequest, onEvent: @Sendable (CompletionEvent) async -> Void
    ) async throws(Failure) -> Completion {
        streams.withLock { $0 += 1 }
        if refusesStreams { throw .fixture(.rejected, of: request) }
        try await meetTrouble(request)
        return try await simulator.stream(request, onEvent: onEvent)
    }

    private func meetTrouble(_ request: CompletionRequest) async throws(Failure) {
        let earlier = asked.withLock { asked in
            defer { asked.append(request) }
            return asked
        }
        if let failure = await trouble(request, earlier) { throw failure }
    }

    func provider(for model: ModelName) throws -> any Provider { self }

    func unreachable(among models: [ModelName]) async -> [Failure] { [] }
}
