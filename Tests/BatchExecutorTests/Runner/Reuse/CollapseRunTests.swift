import BatchExecutor
import ConversationStore
import Logging
import ParleyCore
import ProviderStack
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(3))) struct CollapseRunTests {
    @Test func `Ten thousand identical rows are one request, and each has its answer and its own columns`()
        async throws
    {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            await Task.yield()
            return .fixture(answering: request)
        }
        let batch = try await bench.enqueue(rows: Array(repeating: "same", count: 10_000))
        let summary = try await bench.runner(provider, collapse: true).run(batches: [batch])

        #expect(provider.requests.count == 1)
        #expect(summary.done == 10_000 && summary.requests == 1)
        #expect(summary.reused.answers == 9_999 && summary.reused.collapsed == 9_999)
        #expect(summary.cost == Picodollars(10 * 150_000 + 5 * 600_000))
        #expect(summary.reused.saved == Picodollars(9_999 * summary.cost.value))
        let answers = try await bench.answers(of: batch)
        #expect(answers.count == 10_000)
        #expect(answers.allSatisfy { $0.state == "done" && $0.answer == "re: same" })
        #expect(answers.enumerated().allSatisfy { $1.input["note"]?.intValue == $0 + 1 })
        #expect(answers.count { $0.isReused } == 9_999)
        let bill = answers.compactMap(\.cost).reduce(Picodollars.zero, +)
        #expect(bill == summary.cost)
        #expect(try await bench.store.usage().first?.cost == summary.cost)
        try await bench.expectSound()
        await bench.close()
    }

    @Test func `Off by default, each row is asked`() async throws {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider()
        let batch = try await bench.enqueue(rows: Array(repeating: "same", count: 50))
        let summary = try await bench.runner(provider).run(batches: [batch])
        #expect(provider.requests.count == 50)
        #expect(summary.reused == ReuseSums())
        #expect(try await bench.answers(of: batch).allSatisfy { !$0.isReused })
        await bench.close()
    }

    @Test func `Each question of many is asked once, in whatever order they stand`() async throws {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            await Task.yield()
            return .fixture(answering: request)
        }
        let batch = try await bench.enqueue(rows: (0..<1200).map { "question \($0 * 7 % 40)" })
        let summary = try await bench.runner(provider, concurrency: 4, collapse: true).run(batches: [batch])
        #expect(provider.requests.count == 40 && summary.done == 1200)
        let answers = try await bench.answers(of: batch)
        #expect(answers.allSatisfy { $0.answer == "re: \($0.input["prompt"]?.stringValue ?? "")" })
        try await bench.expectSound()
        await bench.close()
    }

    @Test func `A batch remembers the choice, and a run may overrule it`() async throws {
        let bench = try await RunnerBench()
        var settings = BatchSettings.ofRunner()
        settings.limits.collapse = true
        let provider = ScriptedProvider()
        let batch = try await bench.enqueue(rows: Array(repeating: "same", count: 9), settings: settings)
        _ = try await bench.runner(provider, collapse: false).run(batches: [batch])
        #expect(provider.requests.count == 9)

        let other = try await bench.enqueue(
            rows: Array(repeating: "same", count: 9), as: "other", settings: settings)
        _ = try await bench.runner(provider).run(batches: [other])
        #expect(provider.requests.count == 10)
        await bench.close()
    }

    @Test func `When the one that asks fails for good, the next one asks, and an answer serves the rest`()
        async throws
    {
        let bench = try await RunnerBench()
        let count = Mutex(0)
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            await Task.yield()
            let number = count.withLock { count in
                count += 1
                return count
            }
            if number <= 2 { throw .fixture(.rejected, of: request) }
            return .fixture(answering: request)
        }
        let batch = try await bench.enqueue(rows: Array(repeating: "same", count: 100))
        let summary = try await bench.runner(provider, collapse: true).run(batches: [batch])
        #expect(summary.failed == 2 && summary.done == 98)
        #expect(provider.requests.count == 3)
        try await bench.expectSound()

        // The failed ones find the answer that is there now.
        _ = try await bench.store.retry(batch: batch.id, states: [.failed])
        let again = try await bench.runner(provider, collapse: true).run(batches: [batch])
        #expect(again.done == 2 && again.requests == 0 && again.reused.answers == 2)
        try await bench.expectSound()
        await bench.close()
    }

    @Test func `Failed jobs that are asked anew really ask when nothing is to be shared`() async throws {
        let bench = try await RunnerBench()
        let fails = Mutex(true)
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            if fails.withLock({ $0 }) { throw .fixture(.rejected, of: request) }
            return .fixture(answering: request)
        }
        let batch = try await bench.enqueue(rows: ["same", "same"])
        _ = try await bench.runner(provider, concurrency: 1, collapse: true).run(batches: [batch])
        fails.withLock { $0 = false }
        _ = try await bench.store.retry(batch: batch.id, states: [.failed])
        let summary = try await bench.runner(provider).run(batches: [batch])
        #expect(summary.done == 2 && summary.requests == 2)
        #expect(provider.requests.count == 4)
        await bench.close()
    }

    @Test func `A failure that passes leaves one request in the air at a time`() async throws {
        let bench = try await RunnerBench()
        let state = Mutex((inAir: 0, most: 0, failures: 0))
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            let fails = state.withLock { state in
                state.inAir += 1
                state.most = max(state.most, state.inAir)
                state.failures += 1
                return state.failures <= 5
            }
            for _ in 0..<20 { await Task.yield() }
            state.withLock { $0.inAir -= 1 }
            if fails { throw .fixture(.emptyReply, of: request) }
            return .fixture(answering: request)
        }
        let batch = try await bench.enqueue(rows: Array(repeating: "same", count: 60))
        let summary = try await bench.runner(provider, collapse: true).run(batches: [batch])
        #expect(summary.done == 60 && provider.requests.count == 6)
        #expect(state.withLock { $0.most } == 1)
        try await bench.expectSound()
        await bench.close()
    }

    @Test func `An answer that was cut off is nobody else's`() async throws {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            var completion = Completion.fixture(answering: request)
            completion.finishReason = .length
            return completion
        }
        let batch = try await bench.enqueue(rows: Array(repeating: "same", count: 30))
        let summary = try await bench.runner(provider, collapse: true).run(batches: [batch])
        #expect(summary.done == 30 && summary.requests == 30 && summary.reused.answers == 0)
        #expect(try await bench.answers(of: batch).allSatisfy { $0.finishReason == "length" })
        try await bench.expectSound()
        await bench.close()
    }

    @Test func `A budget that has room for one request is enough for all that share it`() async throws {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider()
        let batch = try await bench.enqueue(rows: Array(repeating: "same", count: 200))
        let summary = try await bench.runner(provider, budget: Picodollars(dollars: "0.0002"), collapse: true)
            .run(batches: [batch])
        #expect(summary.done == 200 && summary.requests == 1 && summary.stopped == nil)
        try await bench.expectSound()
        await bench.close()
    }

    @Test func `While one request is in the air all hands are free for others`() async throws {
        let bench = try await RunnerBench()
        let mayEnd = Gate()
        let others = Mutex(0)
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            if request.messages.last?.content == "same" {
                await mayEnd.pass()
            } else if others.withLock({ count in
                count += 1
                return count
            }) == 50 {
                await mayEnd.open()
            }
            return .fixture(answering: request)
        }
        let rows = Array(repeating: "same", count: 300) + (1...50).map { "other \($0)" }
        let batch = try await bench.enqueue(rows: rows)
        let summary = try await bench.runner(provider, concurrency: 2, collapse: true).run(batches: [batch])
        #expect(summary.done == 350 && summary.requests == 51)
        await bench.close()
    }

    @Test func `A stop gives back who waits, and the next run gives them the answer`() async throws {
        let bench = try await RunnerBench()
        let reached = Gate()
        let mayEnd = Gate()
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            await reached.open()
            await mayEnd.pass()
            return .fixture(answering: request)
        }
        let batch = try await bench.enqueue(rows: Array(repeating: "same", count: 100))
        let runner = bench.runner(provider, collapse: true)
        async let running = runner.run(batches: [batch])
        await reached.pass()
        await runner.stop()
        await mayEnd.open()
        let cut = try await running
        #expect(cut.stopped == .signal && cut.done >= 1 && cut.done + cut.waiting == 100)

        let summary = try await bench.runner(provider, collapse: true).run(batches: [batch])
        #expect(summary.done == cut.waiting && provider.requests.count == 1)
        try await bench.expectSound()
        await bench.close()
    }

    @Test func `After a request that was cut short another job asks, and both end well`() async throws {
        let bench = try await RunnerBench()
        let reached = Gate()
        let first = ScriptedProvider { (request, _) throws(Failure) in
            await reached.open()
            do { try await Task.sleep(for: .seconds(600)) } catch { throw .fixture(.cancelled, of: request) }
            return .fixture(answering: request)
        }
        let batch = try await bench.enqueue(rows: Array(repeating: "same", count: 40))
        let runner = bench.runner(first, collapse: true)
        async let running = runner.run(batches: [batch])
        await reached.pass()
        await runner.stopNow()
        let cut = try await running
        #expect(cut.unknown == 1 && cut.waiting == 39)

        let second = ScriptedProvider()
        let summary = try await bench.runner(second, collapse: true).run(batches: [batch])
        #expect(summary.done == 40 && second.requests.count == 1)
        try await bench.expectSound()
        await bench.close()
    }

    @Test func `A batch that is paused gets those back who wait`() async throws {
        let bench = try await RunnerBench()
        let reached = Gate()
        let mayEnd = Gate()
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            await reached.open()
            await mayEnd.pass()
            return .fixture(answering: request)
        }
        let batch = try await bench.enqueue(rows: Array(repeating: "same", count: 20))
        async let running = bench.runner(provider, collapse: true).run(batches: [batch])
        await reached.pass()
        while try await bench.store.status().first?[.leased] != 19 { await Task.yield() }
        try await bench.store.pause(batch: batch.id)
        #expect(try await bench.store.status().first?[.waiting] == 19)
        await mayEnd.open()
        while try await bench.store.status().first?[.done] != 1 { await Task.yield() }
        try await bench.store.unpause(batch: batch.id)
        let summary = try await running
        #expect(summary.done == 20 && provider.requests.count == 1)
        try await bench.expectSound()
        await bench.close()
    }
}

extension RunnerBench {
    /// Enqueues one row for each prompt; a column `note` differs from row to row and reaches no request.
    func enqueue(
        rows prompts: [String], as name: String = "batch", settings: BatchSettings = .ofRunner()
    ) async throws -> BatchRecord {
        var chunk = DraftChunk()
        for (index, prompt) in prompts.enumerated() {
            let key = chunk.bytes.count
            chunk.bytes.append(contentsOf: "q\(index + 1)".utf8)
            let input = chunk.bytes.count
            chunk.bytes.append(
                contentsOf: #"{"id":"q\#(index + 1)","note":\#(index + 1),"prompt":"\#(prompt)"}"#.utf8)
            chunk.rows.append(
                .init(key: key..<input, input: input..<chunk.bytes.count, line: index + 2))
        }
        let rows = chunk
        _ = try await store.enqueue(BatchDraft(name: name, settings: settings, source: "test")) {
            try $0.insert(rows)
        }
        return try await store.batch(named: name)!
    }

    func runner(
        _ providers: any ProviderSource, concurrency: Int = 8, budget: Picodollars? = nil,
        reuse: Bool? = nil, collapse: Bool? = nil
    ) -> BatchRunner {
        BatchRunner(
            store: store, providers: providers,
            settings: RunSettings(
                concurrency: concurrency, budget: budget, reuse: reuse, collapse: collapse),
            retryPolicy: .immediate, time: time,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func expectSound(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let damage = try await store.check().filter { $0.severity == .damage }
        #expect(damage == [], sourceLocation: sourceLocation)
    }
}
