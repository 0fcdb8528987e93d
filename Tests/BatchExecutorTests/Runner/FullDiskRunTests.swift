import BatchExecutor
import GRDB
import ParleyCore
import Testing

@testable import ConversationStore

/// A limit on the pages of the file stands in for a full disk: SQLite reports both alike.
@Suite(.timeLimit(.minutes(2))) struct FullDiskRunTests {
    private static func limitPages(of store: Store, more: Int?) throws {
        try store.writer.outsideTransaction { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            try database.execute(sql: "PRAGMA max_page_count = \(more.map { pages + $0 } ?? 1_000_000)")
        }
    }

    /// Fills the disk when the tenth request comes; its answers are long.
    private static func provider(filling store: Store, _ full: Gate) -> ScriptedProvider {
        let asked = Counter()
        return ScriptedProvider { (request, _) throws(Failure) in
            if await asked.next() == 10 {
                try? limitPages(of: store, more: 0)
                await full.open()
            }
            var answer = Completion.fixture(answering: request)
            answer.text += String(repeating: " and so on", count: 1000)
            return answer
        }
    }

    @Test
    func `What was answered while the disk was full is stored when there is room, and nothing asked twice`()
        async throws
    {
        let bench = try await RunnerBench()
        bench.store.writer.roomCheckEvery = .milliseconds(1)
        let full = Gate()
        let provider = Self.provider(filling: bench.store, full)
        let batch = try await bench.enqueue(40)
        let runner = bench.runner(provider, concurrency: 4)
        async let running = runner.run(batches: [batch])
        await full.pass()
        while !bench.store.isWaitingForRoom { await Task.yield() }
        #expect(provider.requests.count < 40)
        try Self.limitPages(of: bench.store, more: nil)
        let summary = try await running

        #expect(summary.done == 40 && summary.stopped == nil)
        #expect(provider.requests.count == 40)
        #expect(try await bench.store.check() == [])
        await bench.close()
    }

    @Test func `A run that is stopped for good while the disk is full says so, and knows what it lost`()
        async throws
    {
        let bench = try await RunnerBench()
        bench.store.writer.roomCheckEvery = .milliseconds(1)
        let full = Gate()
        let provider = Self.provider(filling: bench.store, full)
        let batch = try await bench.enqueue(40)
        let runner = bench.runner(provider, concurrency: 4)
        let running = Task { try await runner.run(batches: [batch]) }
        await full.pass()
        while !bench.store.isWaitingForRoom { await Task.yield() }
        await runner.stopNow()
        await #expect(throws: StoreError.diskFull(path: bench.store.path)) { try await running.value }

        try Self.limitPages(of: bench.store, more: nil)
        let asked = provider.requests.count
        let rest = ScriptedProvider()
        let summary = try await bench.runner(rest).run(batches: [batch])
        let answers = try await bench.answers(of: batch)
        #expect(answers.allSatisfy { $0.state == "done" })
        #expect(asked + rest.requests.count - 40 == summary.rescued)
        #expect(try await bench.store.check().filter { $0.severity == .damage } == [])
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
