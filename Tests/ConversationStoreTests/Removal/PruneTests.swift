import Foundation
import GRDB
import ParleyCore
import Testing

@testable import ConversationStore

/// What is old and over goes; the bill, the names and whatever may still matter stay.
struct PruneTests {
    private static let age = Duration.seconds(90 * 24 * 3600)

    /// An old chat, an old batch with each end, a new chat and a new batch.
    private func life() async throws -> TestStore {
        let test = try await TestStore()
        try await test.chat("old question", "old answer", system: "old prompt")
        try await test.enqueue(["done", "failed", "cancelled"], batch: "old")
        let jobs = try await test.lease(2)
        try await test.store.settle(try await test.send(jobs[0]).settled(.answer()))
        try await test.store.settle(
            try await test.send(jobs[1]).settled(.failure(mayCost: Picodollars(11))))
        try await test.store.cancel(batch: try await test.store.requireBatch(named: "old").id)
        test.clock.advance(by: .seconds(100 * 24 * 3600))
        try await test.chat("new question", "new answer")
        try await test.answered(["a"], "new", batch: "new")
        return test
    }

    private func moment(_ test: TestStore) -> Timestamp { test.clock.time.now - Self.age }

    @Test func `What is old and over goes, and its cost stays everywhere`() async throws {
        let test = try await life()
        let store = test.store
        let bill = try await store.usage(UsageQuery(by: [.batch, .day]))
        let before = try #require(try await store.status(of: ["old"]).first)
        _ = try await test.search("old")
        let plan = try await store.prunePlan(olderThan: moment(test))
        #expect(plan.chats == 1 && plan.batches.map(\.name) == ["old"] && plan.jobs == 3)
        #expect(plan.messages == 5 && plan.bytes > 0 && plan.kept.isEmpty)
        let report = try await store.prune(olderThan: moment(test))
        #expect(report.chats == 1 && report.batches == 1 && report.jobs == 3)
        #expect(try await test.fullDamage() == [])
        #expect(try await store.usage(UsageQuery(by: [.batch, .day])) == bill)
        let after = try #require(try await store.status(of: ["old"]).first)
        #expect(after.batch.prunedAt != nil)
        #expect(after.counts == before.counts && after.cost == before.cost)
        #expect(try await test.count("SELECT count(*) FROM jobs") == 1)
        #expect(try await test.places("old").isEmpty)
        #expect(try await test.places("new").count == 3)
        #expect(try await test.answers(batch: "new").count == 1)
        #expect(try await store.prunePlan(olderThan: moment(test)).isEmpty)
        let again = try await store.prune(olderThan: moment(test))
        #expect(again.chats == 0 && again.batches == 0)
    }

    @Test func `A pruned batch takes no rows, asks nothing again and has no results`() async throws {
        let test = try await life()
        try await test.store.prune(olderThan: moment(test))
        let error = StoreError.batchPruned(name: "old")
        await #expect(throws: error) { try await test.enqueue(["done"], batch: "old") }
        let batch = try await test.store.requireBatch(named: "old")
        await #expect(throws: error) { try await test.store.retry(batch: batch.id, states: [.failed]) }
        await #expect(throws: error) { _ = try await test.store.requireUnpruned(named: "old") }
        #expect(try await test.store.pending().total == 0)
        #expect(try await test.damage() == [])
    }

    @Test func `A job's number is not given to another one`() async throws {
        let test = try await TestStore()
        try await test.answered(["a", "b"], "x", batch: "old")
        test.clock.advance(by: .seconds(100 * 24 * 3600))
        try await test.store.prune(olderThan: moment(test))
        let batch = try await test.enqueue(["a", "b", "c"], batch: "next")
        #expect(batch.new == 3)
        #expect(try await test.count("SELECT min(id) FROM jobs") == 3)
        #expect(try await test.count("SELECT count(*) FROM jobs") == 3)
        #expect(try await test.lease(5).count == 3)
        #expect(try await test.damage() == [])
    }

    @Test func `Whatever waits, is in the air or may have been billed is kept and named`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a", "b"], batch: "waiting")
        try await test.enqueue(["a"], batch: "sent", priority: 3)
        try await test.enqueue(["a"], batch: "unknown", priority: 2)
        try await test.enqueue(["a"], batch: "asked-again", priority: 1)
        let worker = try await test.worker()
        let jobs = try await test.lease(3, worker: worker)
        _ = try await test.send(jobs[0])
        try await test.store.settle(try await test.send(jobs[1]).settled(.interrupted(partialText: nil)))
        try await test.store.settle(try await test.send(jobs[2]).settled(.interrupted(partialText: nil)))
        try await test.store.retry(
            batch: try await test.store.requireBatch(named: "asked-again").id, states: [.unknown])
        let again = try #require(
            try await test.store.lease(
                upTo: 1, from: [try await test.store.requireBatch(named: "asked-again").id], worker: worker,
                for: .seconds(60)
            ).first)
        try await test.store.settle(try await test.send(again).settled(.answer()))
        let busy = try await test.ask("x", by: worker)
        let lost = try await test.ask("y", by: worker)
        let attempt = try await test.send(lost)
        try await test.settle(attempt, .interrupted(part: AnswerPart(text: "Half")), in: lost)
        try await test.store.close(lost)
        test.clock.advance(by: .seconds(100 * 24 * 3600))
        let plan = try await test.store.prunePlan(olderThan: moment(test))
        #expect(plan.isEmpty)
        let kept = plan.kept.map { "\($0.batch ?? "\($0.session!)") \($0.reason)" }
        #expect(
            kept.sorted()
                == [
                    "\(busy.session) beingAnswered", "\(lost.session) unknownRequests",
                    "asked-again unknownRequests", "sent unfinished", "unknown unknownRequests",
                    "waiting unfinished",
                ].sorted())
        let report = try await test.store.prune(olderThan: moment(test))
        #expect(report.chats == 0 && report.jobs == 0)
        #expect(try await test.count("SELECT count(*) FROM jobs") == 5)
        #expect(try await test.damage() == [])
    }

    @Test func `A pruning that is killed at any step leaves a sound database, and the next one ends it`()
        async throws
    {
        let test = try await TestStore()
        let count = Store.removedAtOnce + 50
        try await test.answered((0..<count).map { "k\($0)" }, "x", batch: "old")
        test.clock.advance(by: .seconds(100 * 24 * 3600))
        // After the mark and some of the jobs, as a process that is killed leaves it.
        let id = try await test.store.requireBatch(named: "old").id
        let removed = try await test.store.pruneOneStep(of: id, olderThan: moment(test))
        #expect(removed == Store.removedAtOnce)
        #expect(try await test.damage() == [])
        let status = try #require(try await test.store.status(of: ["old"]).first)
        #expect(status[.done] == count && status[.waiting] == 0)
        await #expect(throws: StoreError.batchPruned(name: "old")) {
            try await test.enqueue(["k0"], batch: "old")
        }
        // Whatever its age, it is finished.
        let plan = try await test.store.prunePlan(olderThan: Timestamp(milliseconds: 1))
        #expect(plan.batches.map(\.isUnfinished) == [true] && plan.jobs == 50)
        try await test.store.prune(olderThan: Timestamp(milliseconds: 1))
        #expect(try await test.count("SELECT count(*) FROM jobs") == 0)
        #expect(try await test.count("SELECT count(*) FROM attempts") == 0)
        #expect(try await test.damage() == [])
    }

    @Test func `A budget still counts what was spent in a pruned batch`() async throws {
        let test = try await life()
        let batch = try await test.store.requireBatch(named: "old").id
        let before = try await test.store.standing(of: Budget(limit: .zero, batches: [batch]))
        #expect(before.spent > .zero && before.held == Picodollars(11))
        try await test.store.prune(olderThan: moment(test))
        let after = try await test.store.standing(of: Budget(limit: .zero, batches: [batch]))
        #expect(after.spent == before.spent && after.held == before.held)
    }
}
