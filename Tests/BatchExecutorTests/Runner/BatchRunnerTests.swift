import BatchExecutor
import ConversationStore
import ParleyCore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct BatchRunnerTests {
    @Test func `Every job is asked once and its answer stands in the order of the file`() async throws {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider()
        let batch = try await bench.enqueue(300)
        let summary = try await bench.runner(provider).run(batches: [batch])

        #expect(summary.done == 300)
        #expect(summary.stopped == nil)
        #expect(summary.usage.total == 300 * 15)
        #expect(provider.requests.count == 300)
        let answers = try await bench.answers(of: batch)
        #expect(answers.map(\.customID) == (1...300).map { "q\($0)" })
        #expect(answers.allSatisfy { $0.state == "done" && $0.attempts == 1 })
        #expect(answers[6].answer == "re: question 7")
        #expect(try await bench.store.check().filter { $0.severity == .damage } == [])
        await bench.close()
    }

    @Test func `A failure that passes is asked again under the same idempotency key`() async throws {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider { (request, earlier) throws(Failure) in
            if earlier < 2 { throw .fixture(.emptyReply, of: request) }
            return .fixture(answering: request)
        }
        let batch = try await bench.enqueue(3)
        let summary = try await bench.runner(provider).run(batches: [batch])

        #expect(summary.done == 3)
        #expect(summary.retries == 6)
        #expect(Set(provider.requests.map(\.idempotencyKey)).count == 3)
        #expect(try await bench.answers(of: batch).allSatisfy { $0.attempts == 3 })
        await bench.close()
    }

    @Test func `A request that nobody would answer fails alone`() async throws {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            if request.messages.last?.content == "question 2" { throw .fixture(.rejected, of: request) }
            return .fixture(answering: request)
        }
        let batch = try await bench.enqueue(5)
        let summary = try await bench.runner(provider).run(batches: [batch])

        #expect(summary.done == 4)
        #expect(summary.failed == 1)
        #expect(summary.failedExamples.first?.key == "q2")
        let answer = try await bench.answers(of: batch)[1]
        #expect(answer.state == "failed")
        #expect(answer.error?.kind == "rejected")
        await bench.close()
    }

    @Test func `However often a rate limit turns a job away, it is answered in the end`() async throws {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider { (request, earlier) throws(Failure) in
            if earlier < 2 { throw .fixture(.rateLimited, of: request) }
            return .fixture(answering: request)
        }
        let batch = try await bench.enqueue(2, settings: .ofRunner(attemptsMax: 1))
        let summary = try await bench.runner(provider).run(batches: [batch])

        #expect(summary.done == 2)
        #expect(summary.retries == 4)
        #expect(Set(provider.requests.map(\.idempotencyKey)).count == 2)
        await bench.close()
    }

    @Test func `A provider that asks for an hour's silence ends the run and costs no job its life`()
        async throws
    {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            var failure = Failure.fixture(.rateLimited, of: request)
            failure.retryAfter = .seconds(3600)
            throw failure
        }
        let batch = try await bench.enqueue(20)
        let summary = try await bench.runner(provider, concurrency: 2).run(batches: [batch])

        #expect(summary.stopped == .providers)
        #expect(summary.waiting == 20)
        await bench.close()
    }

    @Test func `A failed request that was billed is on the bill`() async throws {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            var failure = Failure.fixture(.rejected, of: request)
            failure.usage = Usage(inputUncached: 10, output: 5)
            throw failure
        }
        let batch = try await bench.enqueue(2)
        let summary = try await bench.runner(provider).run(batches: [batch])

        #expect(summary.failed == 2)
        #expect(summary.cost == Picodollars(2 * (10 * 150_000 + 5 * 600_000)))
        let billed = try await bench.store.usage(UsageQuery()).first
        #expect(billed?.cost == summary.cost)
        #expect(billed?.failures == 2)
        #expect(try await bench.store.check().filter { $0.severity == .damage } == [])
        await bench.close()
    }

    @Test func `A refused key stops the run and costs no job its life`() async throws {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            throw .fixture(.unauthorized, of: request)
        }
        let batch = try await bench.enqueue(200)
        let summary = try await bench.runner(provider, concurrency: 4).run(batches: [batch])

        #expect(summary.stopped == .providers)
        #expect(summary.failed == 0)
        #expect(summary.waiting == 200)
        #expect(provider.requests.count <= 4)
        await bench.close()
    }

    @Test func `Without a key nothing is leased or sent`() async throws {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider(missing: ["simulator"])
        let batch = try await bench.enqueue(10)
        let summary = try await bench.runner(provider).run(batches: [batch])

        #expect(summary.stopped == .providers)
        #expect(summary.stopDetail?.contains("NOBODY_API_KEY is not set") == true)
        #expect(summary.waiting == 10)
        #expect(provider.requests.isEmpty)
        await bench.close()
    }

    @Test func `Where nobody listens the run ends at once`() async throws {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider(silent: ["simulator"])
        let batch = try await bench.enqueue(10)
        let summary = try await bench.runner(provider).run(batches: [batch])

        #expect(summary.stopped == .providers)
        #expect(summary.stopDetail?.contains("nobody listens") == true)
        #expect(provider.requests.isEmpty)
        await bench.close()
    }

    @Test func `A provider without money hands its jobs to the fallback`() async throws {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            if request.model.provider == "poor" { throw .fixture(.quotaExhausted, of: request) }
            return .fixture(answering: request)
        }
        let batch = try await bench.enqueue(
            50, settings: .ofRunner(model: "poor/big", fallbacks: ["simulator/sim-small"]))
        let summary = try await bench.runner(provider, concurrency: 4).run(batches: [batch])

        #expect(summary.done == 50)
        #expect(summary.stopped == nil)
        #expect(provider.requests.filter { $0.model.provider == "poor" }.count <= 4)
        #expect(try await bench.answers(of: batch).allSatisfy { $0.model?.hasPrefix("simulator/") == true })
        // What is asked of another model is another request, and has a key of its own.
        #expect(Set(provider.requests.map(\.idempotencyKey)).count == provider.requests.count)
        await bench.close()
    }

    @Test func `Two runners on one database ask each question once`() async throws {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            await Task.yield()
            return .fixture(answering: request)
        }
        let batch = try await bench.enqueue(400)
        async let first = bench.runner(provider).run(batches: [batch])
        async let second = bench.runner(provider).run(batches: [batch])
        let summaries = try await [first, second]

        #expect(summaries.map(\.done).reduce(0, +) == 400)
        #expect(provider.requests.count == 400)
        #expect(Set(provider.requests.map(\.idempotencyKey)).count == 400)
        await bench.close()
    }
}
