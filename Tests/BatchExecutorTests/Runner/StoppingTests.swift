import BatchExecutor
import ConversationStore
import ParleyCore
import Testing

@Suite(.timeLimit(.minutes(2))) struct StoppingTests {
    /// Answers the first requests, then holds the rest until it is let go or cancelled.
    private static func holding(after count: Int, reached: Gate) -> ScriptedProvider {
        let answered = Counter()
        return ScriptedProvider { (request, _) throws(Failure) in
            if await answered.next() <= count { return .fixture(answering: request) }
            await reached.open()
            do { try await Task.sleep(for: .seconds(600)) } catch {
                throw .fixture(.cancelled, of: request)
            }
            return .fixture(answering: request)
        }
    }

    @Test func `A second stop leaves what was in the air unknown and the rest waiting`() async throws {
        let bench = try await RunnerBench()
        let reached = Gate()
        let batch = try await bench.enqueue(100)
        let runner = bench.runner(Self.holding(after: 20, reached: reached), concurrency: 4)
        async let running = runner.run(batches: [batch])
        await reached.pass()
        await runner.stopNow()
        let summary = try await running

        #expect(summary.stopped == .signal)
        #expect(summary.unknown >= 1)
        #expect(summary.unknown <= 4)
        #expect(summary.done + summary.unknown + summary.waiting == 100)
        #expect(try await bench.store.check().filter { $0.severity == .damage } == [])
        await bench.close()
    }

    @Test func `An answer that cannot be written down ends the run with the reason`() async throws {
        let bench = try await RunnerBench()
        let batch = try await bench.enqueue(10)
        let runner = bench.runner(
            ScriptedProvider { (request, _) throws(Failure) in
                await bench.store.close()
                return .fixture(answering: request)
            }, concurrency: 1)
        await #expect(throws: StoreError.closed(path: bench.store.path)) {
            _ = try await runner.run(batches: [batch])
        }
        await bench.close()
    }

    @Test func `The next run asks what is unknown again, under the same key, and finishes all`() async throws
    {
        let bench = try await RunnerBench()
        let reached = Gate()
        let batch = try await bench.enqueue(40)
        let first = Self.holding(after: 10, reached: reached)
        let runner = bench.runner(first, concurrency: 4)
        async let running = runner.run(batches: [batch])
        await reached.pass()
        await runner.stopNow()
        let cut = try await running

        let second = ScriptedProvider()
        let summary = try await bench.runner(second).run(batches: [batch])
        #expect(cut.done + summary.done == 40)
        #expect(summary.rescued == cut.unknown)
        #expect(summary.unknown == 0)
        let repeated = Set(first.requests.map(\.idempotencyKey))
            .intersection(second.requests.map(\.idempotencyKey))
        #expect(repeated.count == cut.unknown)
        await bench.close()
    }

    @Test func `With hold, what is unknown stays for the user`() async throws {
        let bench = try await RunnerBench()
        let reached = Gate()
        let batch = try await bench.enqueue(20)
        let runner = bench.runner(Self.holding(after: 5, reached: reached), concurrency: 2)
        async let running = runner.run(batches: [batch])
        await reached.pass()
        await runner.stopNow()
        let cut = try await running

        let summary = try await bench.runner(ScriptedProvider(), unknownPolicy: .hold).run(batches: [batch])
        #expect(summary.unknown == cut.unknown)
        #expect(cut.done + summary.done + summary.unknown == 20)
        await bench.close()
    }

    @Test func `A stop lets what is in the air end within the grace period`() async throws {
        let bench = try await RunnerBench()
        let reached = Gate()
        let mayEnd = Gate()
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            await reached.open()
            await mayEnd.pass()
            return .fixture(answering: request)
        }
        let batch = try await bench.enqueue(50)
        let runner = bench.runner(provider, concurrency: 4)
        async let running = runner.run(batches: [batch])
        await reached.pass()
        await runner.stop()
        await mayEnd.open()
        let summary = try await running

        #expect(summary.stopped == .signal)
        #expect(summary.unknown == 0)
        #expect(summary.done >= 1)
        #expect(summary.done <= 4)
        #expect(summary.waiting == 50 - summary.done)
        await bench.close()
    }

    @Test func `A stop before the run began lets nothing begin`() async throws {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider()
        let batch = try await bench.enqueue(5)
        let runner = bench.runner(provider)
        await runner.stop()
        let summary = try await runner.run(batches: [batch])

        #expect(summary.stopped == .signal)
        #expect(summary.waiting == 5)
        #expect(provider.requests.isEmpty)
        await bench.close()
    }
}

private actor Counter {
    private var count = 0

    func next() -> Int {
        count += 1
        return count
    }
}
