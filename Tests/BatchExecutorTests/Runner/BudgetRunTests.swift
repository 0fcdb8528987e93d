import BatchExecutor
import ConversationStore
import Foundation
import Logging
import ParleyCore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct BudgetRunTests {
    /// sim-small costs 0.15 and 0.60 dollars a million tokens: the scripted answer is 4.5 millionths of a dollar.
    private let answerCost = Picodollars(10 * 150_000 + 5 * 600_000)
    /// Room for some sixty requests in the air, and for hundreds of answers.
    private let budget = Picodollars(8_000_000_000)
    /// More than a question of the bench can cost: 100 tokens out, and 350 in with what stands around them.
    private let worst = Picodollars(100 * 600_000 + 350 * 150_000)

    /// Answers of random length up to the limit, each of which looks at the standing while it is in the air.
    private func random(_ bench: RunnerBench, of batches: [BatchID]?, most: Highest) -> ScriptedProvider {
        let dice = Mutex(SeededRandom(seed: 7))
        let limit = Budget(limit: budget, batches: batches)
        return ScriptedProvider { (request, _) throws(Failure) in
            if let standing = try? await bench.store.standing(of: limit) {
                most.note(standing.spent + standing.held + standing.inAir)
            }
            var completion = Completion.fixture(answering: request)
            completion.usage = dice.withLock {
                Usage(
                    inputUncached: Int.random(in: 1...30, using: &$0),
                    output: Int.random(in: 1...100, using: &$0))
            }
            return completion
        }
    }

    /// The largest sum that anybody saw.
    private final class Highest: Sendable {
        private let state = Mutex(Picodollars.zero)

        func note(_ sum: Picodollars) { state.withLock { $0 = max($0, sum) } }
        var sum: Picodollars { state.withLock { $0 } }
    }

    @Test(arguments: [1, 8, 256]) func `The spend never passes the budget`(concurrency: Int) async throws {
        let bench = try await RunnerBench()
        let batch = try await bench.enqueue(600)
        let most = Highest()
        let summary = try await bench.runner(
            random(bench, of: [batch.id], most: most), concurrency: concurrency, budget: budget
        ).run(batches: [batch])

        #expect(summary.stopped == .budget)
        #expect(summary.cost <= budget && most.sum <= budget)
        #expect(summary.done > 0, "\(summary.stopDetail ?? "")")
        #expect(summary.waiting == 600 - summary.done && summary.failed == 0)
        // The wall is as near as the worst case of one request lets it be.
        #expect(summary.cost + worst > budget)
        #expect(try await bench.store.check().filter { $0.severity == .damage } == [])
        await bench.close()
    }

    @Test func `Four processes on one database keep to one budget together`() async throws {
        let bench = try await RunnerBench()
        let batch = try await bench.enqueue(600)
        let most = Highest()
        let provider = random(bench, of: [batch.id], most: most)
        let summaries = try await withThrowingTaskGroup(of: RunSummary.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let other = try await bench.reopened()
                    let summary = try await other.runner(provider, concurrency: 64, budget: budget)
                        .run(batches: [batch])
                    await other.store.close()
                    return summary
                }
            }
            return try await group.reduce(into: [RunSummary]()) { $0.append($1) }
        }
        let spent = summaries.reduce(Picodollars.zero) { $0 + $1.cost }
        #expect(summaries.allSatisfy { $0.stopped == .budget })
        #expect(spent <= budget && most.sum <= budget)
        #expect(spent + worst > budget)
        #expect(try await bench.store.check().filter { $0.severity == .damage } == [])
        await bench.close()
    }

    @Test func `What earlier runs spent counts`() async throws {
        let bench = try await RunnerBench()
        let batch = try await bench.enqueue(2000)
        let first = try await bench.runner(ScriptedProvider(), budget: budget).run(batches: [batch])
        let second = try await bench.runner(ScriptedProvider(), budget: budget).run(batches: [batch])

        #expect(first.cost == answerCost * first.done)
        #expect(second.stopped == .budget && second.requests == 0)
        #expect(
            second.stopDetail?.contains("would pass the budget of $0.008; \(first.cost) are spent") == true)
        await bench.close()
    }

    @Test func `A run without a budget reserves as well, so that others see it`() async throws {
        let bench = try await RunnerBench()
        let batch = try await bench.enqueue(3)
        let seen = Highest()
        let provider = ScriptedProvider { [budget] (request, _) throws(Failure) in
            if let standing = try? await bench.store.standing(of: Budget(limit: budget)) {
                seen.note(standing.inAir)
            }
            return .fixture(answering: request)
        }
        _ = try await bench.runner(provider, concurrency: 1).run(batches: [batch])
        #expect(seen.sum > answerCost && seen.sum < worst)
        #expect(try await bench.store.standing(of: Budget(limit: budget)).inAir == .zero)
        await bench.close()
    }

    @Test func `Each of two runs keeps to its own budget over the batch that they share`() async throws {
        let bench = try await RunnerBench()
        let shared = try await bench.enqueue(2000, as: "shared")
        let own = try await bench.enqueue(50, as: "own")
        let small = Budget(limit: Picodollars(3_000_000_000), batches: [shared.id])
        let first = try await bench.runner(ScriptedProvider(), budget: small.limit).run(batches: [shared])
        let second = try await bench.runner(ScriptedProvider(), budget: budget).run(batches: [own, shared])
        #expect(first.stopped == .budget && first.cost <= small.limit)
        #expect(second.stopped == .budget && first.cost + second.cost <= budget)
        #expect(try await bench.store.standing(of: small).spent > small.limit)
        let third = try await bench.runner(ScriptedProvider(), budget: small.limit).run(batches: [shared])
        #expect(third.stopped == .budget && third.requests == 0)
        await bench.close()
    }

    @Test func `An answer without figures counts with the most that it can have cost`() async throws {
        let bench = try await RunnerBench()
        let batch = try await bench.enqueue(600)
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            Completion(text: "yes", model: request.model.model)
        }
        let summary = try await bench.runner(provider, budget: budget).run(batches: [batch])
        #expect(summary.stopped == .budget && summary.cost == .zero)
        #expect(summary.done > 0 && worst * summary.done > budget - worst)
        #expect(summary.stopDetail?.contains("may yet be charged") == true, "\(summary.stopDetail ?? "")")
        await bench.close()
    }

    @Test func `A request that timed out may be charged, one that was turned away is not`() async throws {
        let bench = try await RunnerBench()
        let batch = try await bench.enqueue(50, settings: .ofRunner(attemptsMax: 1))
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            throw .fixture(request.messages[0].content.hasSuffix("1") ? .timedOut : .rejected, of: request)
        }
        let summary = try await bench.runner(provider, budget: budget).run(batches: [batch])
        #expect(summary.failed == 50)
        let standing = try await bench.store.standing(of: Budget(limit: budget))
        // 1, 11, 21, 31, 41
        #expect(standing.held > worst * 4 && standing.held <= worst * 5)
        #expect(standing.spent == .zero && standing.inAir == .zero)
        await bench.close()
    }

    @Test func `A provider that charges more than the table says is reckoned with accordingly`() async throws
    {
        let bench = try await RunnerBench()
        let batch = try await bench.enqueue(2000)
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            var completion = Completion.fixture(answering: request)
            completion.usage?.reportedCost = Picodollars(3 * (10 * 150_000 + 5 * 600_000))
            return completion
        }
        let summary = try await bench.runner(provider, concurrency: 256, budget: budget).run(batches: [batch])
        #expect(summary.stopped == .budget && summary.cost <= budget)
        #expect(summary.cost + worst * 3 + worst > budget)
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

    @Test func `A row that names a model without a price is not sent under a budget`() async throws {
        let bench = try await RunnerBench()
        let provider = ScriptedProvider()
        let batch = try await bench.enqueue(3, settings: .ofRunner(), model: "unheard-of")
        let summary = try await bench.runner(provider, budget: budget).run(batches: [batch])
        #expect(provider.requests.isEmpty)
        #expect(summary.stopped == .providers && summary.waiting == 3)
        #expect(summary.stopDetail?.contains("simulator/unheard-of has none") == true)
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

/// What becomes of a budget when requests never end; time is virtual.
@Suite(.timeLimit(.minutes(2))) struct BudgetAfterDeathTests {
    private let clock = SteppingClock()

    @Test func `What was in the air at a stop stays reserved, and the run says so`() async throws {
        let bench = try await RunnerBench()
        let reached = Gate()
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            await reached.open()
            do { try await Task.sleep(for: .seconds(600)) } catch { throw .fixture(.cancelled, of: request) }
            return .fixture(answering: request)
        }
        let batch = try await bench.enqueue(5)
        let budget = Picodollars(200_000_000)
        let runner = bench.runner(provider, concurrency: 1, budget: budget)
        async let running = runner.run(batches: [batch])
        await reached.pass()
        await runner.stopNow()
        #expect(try await running.unknown == 1)

        let next = try await bench.runner(ScriptedProvider(), concurrency: 4, budget: budget).run(batches: [
            batch
        ])
        let standing = try await bench.store.standing(of: Budget(limit: budget))
        #expect(standing.held > .zero && standing.inAir == .zero)
        #expect(next.stopped == .budget && next.requests == 0)
        #expect(next.stopDetail?.contains("up to \(standing.held) may yet be charged") == true)
        await bench.close()
    }

    @Test func `Requests of a process that died are not waited for in vain`() async throws {
        let bench = try await RunnerBench(time: clock.time)
        let batch = try await bench.enqueue(50)
        let budget = Picodollars(1_000_000_000)
        let hasDied = Mutex(false)
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            // While the first request is in the air, another process takes nearly all and is never heard of again.
            if hasDied.withLock({ died in
                defer { died = true }
                return !died
            }) {
                try? await bench.takeAndDie(Picodollars(880_000_000))
            }
            return .fixture(answering: request)
        }
        let summary = try await clock.going(with: bench.store) {
            try await bench.runner(provider, concurrency: 1, budget: budget, unknownPolicy: .hold)
                .run(batches: [batch])
        }
        #expect(summary.stopped == .budget && summary.done > 0 && summary.unknown == 1)
        #expect(summary.stopDetail?.contains("up to $0.00088 may yet be charged") == true, "\(summary)")
        #expect(try await bench.store.check().filter { $0.severity == .damage } == [])
        await bench.close()
    }
}

extension RunnerBench {
    /// Opens the same database once more, as another process would.
    fileprivate func reopened() async throws -> RunnerBench {
        RunnerBench(store: try await Store.open(at: store.path, time: time), folder: folder, time: time)
    }

    /// A worker on another machine sends one request, and its lease runs out.
    fileprivate func takeAndDie(_ worstCase: Picodollars) async throws {
        let worker = try await store.register(WorkerIdentity(host: "elsewhere", pid: 1, started: 1))
        guard let job = try await store.lease(upTo: 1, worker: worker, for: .seconds(5)).first else { return }
        _ = try await store.open(
            AttemptOpening(
                lease: job.lease, batch: job.batch, role: "default",
                model: ModelName("simulator/sim-small")!, requestHash: [1], idempotencyKey: "elsewhere",
                session: nil, system: nil, messages: [.user("?")], title: job.key, sentAt: time.now,
                worstCase: worstCase))
    }
}
