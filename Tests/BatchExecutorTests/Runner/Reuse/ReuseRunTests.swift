import ConversationStore
import Logging
import OrderedCollections
import ParleyCore
import ProviderStack
import Synchronization
import Testing

@testable import BatchExecutor

@Suite(.timeLimit(.minutes(3))) struct ReuseRunTests {
    @Test func `What another batch was answered is not paid for again`() async throws {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider()
        let first = try await bench.enqueue(rows: (1...50).map { "question \($0)" })
        _ = try await bench.runner(provider).run(batches: [first])

        let second = try await bench.enqueue(rows: (26...75).map { "question \($0)" }, as: "second")
        let summary = try await bench.runner(provider, reuse: true).run(batches: [second])
        #expect(summary.done == 50 && summary.requests == 25)
        #expect(summary.reused.answers == 25 && summary.reused.collapsed == 0)
        #expect(provider.requests.count == 75)
        let answers = try await bench.answers(of: second)
        #expect(answers.map(\.answer) == (26...75).map { "re: question \($0)" })
        #expect(answers.count { $0.isReused && $0.cost == .zero && $0.attempts == 0 } == 25)
        #expect(try await bench.store.reused(batch: second.id).answers == 25)
        #expect(try await bench.store.reused(batch: first.id).answers == 0)
        try await bench.expectSound()
        await bench.close()
    }

    @Test func `Rows collapse within their batch only, unless answers are reused`() async throws {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider()
        let batches = [
            try await bench.enqueue(rows: Array(repeating: "same", count: 20), as: "one"),
            try await bench.enqueue(rows: Array(repeating: "same", count: 20), as: "two"),
        ]
        _ = try await bench.runner(provider, collapse: true).run(batches: batches)
        #expect(provider.requests.count == 2)

        let third = try await bench.enqueue(rows: Array(repeating: "same", count: 20), as: "three")
        let summary = try await bench.runner(provider, reuse: true, collapse: true).run(batches: [third])
        #expect(provider.requests.count == 2 && summary.done == 20)
        try await bench.expectSound()
        await bench.close()
    }

    @Test(
        arguments: [
            { $0.maxTokens = 99 }, { $0.temperature = 0.5 }, { $0.system = "Be brief." },
            { $0.options = ["top_p": 0.5] }, { $0.schema = ["type": "object"] },
            { $0.model = ModelName("simulator/sim-large") },
        ] as [@Sendable (inout BatchSettings) -> Void])
    func `A request that differs in anything is another one`(
        change: @Sendable (inout BatchSettings) -> Void
    ) async throws {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider()
        let first = try await bench.enqueue(rows: ["same"])
        var settings = BatchSettings.ofRunner()
        change(&settings)
        let second = try await bench.enqueue(rows: ["same"], as: "second", settings: settings)
        _ = try await bench.runner(provider, reuse: true).run(batches: [first])
        let summary = try await bench.runner(provider, reuse: true).run(batches: [second])
        // An answer that breaks the schema is asked for once more.
        #expect(summary.requests > 0 && summary.reused.answers == 0)
        await bench.close()
    }

    @Test func `A run over everything that was answered needs no budget and no request`() async throws {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider()
        let first = try await bench.enqueue(rows: (1...30).map { "question \($0)" })
        _ = try await bench.runner(provider).run(batches: [first])
        let second = try await bench.enqueue(rows: (1...30).map { "question \($0)" }, as: "second")
        let summary = try await bench.runner(provider, budget: Picodollars(1), reuse: true)
            .run(batches: [second])
        #expect(summary.done == 30 && summary.requests == 0 && summary.stopped == nil)
        #expect(summary.cost == .zero)
        await bench.close()
    }

    @Test func `A job that has failed before takes an answer into its own conversation`() async throws {
        let bench = try await RunnerBench()
        let fails = Mutex(true)
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            if fails.withLock({ $0 }) { throw .fixture(.rejected, of: request) }
            return .fixture(answering: request)
        }
        let first = try await bench.enqueue(rows: ["same"])
        _ = try await bench.runner(provider).run(batches: [first])
        fails.withLock { $0 = false }
        let second = try await bench.enqueue(rows: ["same"], as: "second")
        _ = try await bench.runner(provider).run(batches: [second])
        _ = try await bench.store.retry(batch: first.id, states: [.failed])
        let summary = try await bench.runner(provider, reuse: true).run(batches: [first])
        #expect(summary.done == 1 && summary.requests == 0)
        let answer = try await bench.answers(of: first)[0]
        #expect(answer.answer == "re: same" && answer.isReused && answer.error == nil)
        try await bench.expectSound()
        await bench.close()
    }

    @Test func `Two runners on one database send each question once`() async throws {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            for _ in 0..<30 { await Task.yield() }
            return .fixture(answering: request)
        }
        let batch = try await bench.enqueue(rows: (0..<600).map { "question \($0 % 12)" })
        async let first = bench.runner(provider, collapse: true).run(batches: [batch])
        async let second = bench.runner(provider, collapse: true).run(batches: [batch])
        let summaries = try await [first, second]
        #expect(summaries.map(\.done).reduce(0, +) == 600)
        #expect(provider.requests.count == 12)
        try await bench.expectSound()
        await bench.close()
    }

    @Test func `What another process holds is waited for, without asking`() async throws {
        let bench = try await RunnerBench()
        let reached = Gate()
        let mayEnd = Gate()
        let slow = ScriptedProvider { (request, _) throws(Failure) in
            await reached.open()
            await mayEnd.pass()
            return .fixture(answering: request)
        }
        let other = try await bench.enqueue(rows: ["same"], as: "other")
        let batch = try await bench.enqueue(rows: Array(repeating: "same", count: 30))
        async let first = bench.runner(slow, reuse: true).run(batches: [other])
        await reached.pass()
        let quick = ScriptedProvider()
        let waits = Mutex(false)
        let runner = BatchRunner(
            store: bench.store, providers: quick, settings: RunSettings(reuse: true), time: bench.time,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            onProgress: { progress in
                guard progress.waitingFor?.cause == .otherProcess else { return }
                waits.withLock { $0 = true }
            })
        async let second = runner.run(batches: [batch])
        while !waits.withLock({ $0 }) { await Task.yield() }
        await mayEnd.open()
        #expect(try await first.done == 1)
        #expect(try await second.done == 30)
        #expect(quick.requests.isEmpty)
        try await bench.expectSound()
        await bench.close()
    }

    @Test func `A request whose process has died is not waited for, though nobody runs its batch`()
        async throws
    {
        let bench = try await RunnerBench()
        let other = try await bench.enqueue(rows: ["same"], as: "other")
        let batch = try await bench.enqueue(rows: Array(repeating: "same", count: 30))
        var identity = WorkerIdentity.current()
        identity.started += 1
        let dead = try await bench.store.register(identity)
        let job = try #require(
            try await bench.store.lease(upTo: 1, from: [other.id], worker: dead, for: .seconds(60)).first)
        let request = try JobRequest.make(settings: .ofRunner(), input: JSON(parsing: job.input))
        _ = try await bench.store.openShared(
            AttemptOpening(
                lease: job.lease, batch: other.id, role: "default", model: request.model,
                requestHash: RequestDigest.of(request), idempotencyKey: "lost", session: nil, system: nil,
                messages: request.messages, title: "", sentAt: bench.time.now,
                reuse: ReuseScope(reuses: true, collapses: false)), within: nil)

        let provider = ScriptedProvider()
        let summary = try await bench.runner(provider, reuse: true).run(batches: [batch])
        #expect(summary.done == 30 && summary.requests == 1)
        // Whoever asks in its place does so under its key.
        #expect(provider.requests.map(\.idempotencyKey) == ["lost"])
        #expect(try await bench.store.status(of: ["other"]).first?[.unknown] == 1)

        let rest = try await bench.runner(provider, reuse: true).run(batches: [other])
        #expect(rest.done == 1 && provider.requests.count == 1)
        try await bench.expectSound()
        await bench.close()
    }
}
