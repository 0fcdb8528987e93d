import BatchExecutor
import ConversationStore
import ParleyCore
import Testing

@Suite(.timeLimit(.minutes(2))) struct BudgetRunTests {
    /// sim-small costs 0.15 and 0.60 dollars a million tokens: the scripted answer is 4.5 millionths of a dollar.
    private let answerCost = Picodollars(10 * 150_000 + 5 * 600_000)

    @Test(arguments: [1, 8, 64]) func `The spend never passes the budget`(concurrency: Int) async throws {
        let bench = try await RunnerBench()
        let batch = try await bench.enqueue(300)
        let budget = Picodollars(400_000_000)
        let summary = try await bench.runner(ScriptedProvider(), concurrency: concurrency, budget: budget)
            .run(batches: [batch])

        #expect(summary.stopped == .budget)
        #expect(summary.cost <= budget)
        #expect(summary.done > 0, "\(summary.stopDetail ?? "")")
        #expect(summary.cost == answerCost * summary.done)
        #expect(summary.waiting == 300 - summary.done)
        // The wall is as near as the worst case of one request lets it be.
        let worst = Picodollars(100 * 600_000 + 100 * 150_000)
        #expect(summary.cost + worst > budget)
        await bench.close()
    }

    @Test func `What earlier runs spent counts`() async throws {
        let bench = try await RunnerBench()
        let batch = try await bench.enqueue(300)
        let budget = Picodollars(400_000_000)
        let first = try await bench.runner(ScriptedProvider(), budget: budget).run(batches: [batch])
        let second = try await bench.runner(ScriptedProvider(), budget: budget).run(batches: [batch])

        #expect(second.stopped == .budget)
        #expect(first.cost + second.cost <= budget)
        await bench.close()
    }

    @Test func `A budget over a model without a price is refused before anything is sent`() async throws {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider()
        let batch = try await bench.enqueue(3, settings: .ofRunner(model: "nowhere/model"))
        let runner = bench.runner(provider, budget: Picodollars(1))

        await #expect(throws: RunError.budgetWithoutPrice(ModelName("nowhere/model")!)) {
            try await runner.run(batches: [batch])
        }
        #expect(provider.requests.isEmpty)
        await bench.close()
    }

    @Test func `An answer of a model without a price is counted as unpriced`() async throws {
        let bench = try await RunnerBench()
        let batch = try await bench.enqueue(3, settings: .ofRunner(model: "nowhere/model"))
        let summary = try await bench.runner(ScriptedProvider()).run(batches: [batch])

        #expect(summary.unpriced == 3)
        #expect(summary.cost == .zero)
        #expect(try await bench.answers(of: batch).allSatisfy { $0.cost == nil })
        await bench.close()
    }
}
