import OrderedCollections
import ParleyCore
import Testing

@testable import ConversationStore

struct ReuseTests {
    private static let usage = Usage(inputUncached: 100, output: 10)

    /// A job with the same request is opened, if it must be.
    private func share(
        _ job: LeasedJob, in test: TestStore, reuses: Bool = true, collapses: Bool = false,
        waits: Bool = true, messages: [Message] = [.user("What is it?")]
    ) async throws -> SharedOpening {
        try await test.store.openShared(
            opening(job, test, reuses: reuses, collapses: collapses, waits: waits, messages: messages),
            within: nil)
    }

    private func opening(
        _ job: LeasedJob, _ test: TestStore, reuses: Bool = true, collapses: Bool = false,
        waits: Bool = true, messages: [Message] = [.user("What is it?")]
    ) -> AttemptOpening {
        var opening = AttemptOpening.fixture(job, messages: messages, sentAt: test.clock.time.now)
        opening.reuse = ReuseScope(reuses: reuses, collapses: collapses)
        opening.reuse?.waits = waits
        return opening
    }

    /// The request, when it was written down.
    private func sent(_ opening: SharedOpening, _ job: LeasedJob, _ test: TestStore) throws -> Sending {
        guard case .asked(.granted(let attempt, _)) = opening else {
            throw StoreError.failed(detail: "\(opening)")
        }
        return Sending(job: job, attempt: attempt, at: test.clock.time.now)
    }

    @Test func `An answer of a run that shares nothing is found after catching up, and copied whole`()
        async throws
    {
        let test = try await TestStore()
        try await test.enqueue(["a", "b"])
        let jobs = try await test.lease(2)
        let call = ToolCall(id: "c", name: "look", arguments: .parsed(["city": "Rome"]))
        try await test.store.settle(
            try await test.send(jobs[0]).settled(.answer(.fixture("There.", toolCalls: [call]))))
        let scope = try #require(ReuseScope(reuses: true, collapses: false))
        #expect(try await test.store.known([1, 2, 3], to: jobs[1].batch, in: scope) == .nothing)
        try await test.store.catchUpWithKnownRequests()
        #expect(try await test.store.known([1, 2, 3], to: jobs[1].batch, in: scope) == .answered)
        #expect(try await test.store.known([1, 2, 4], to: jobs[1].batch, in: scope) == .nothing)

        guard case .reused(let answer) = try await share(jobs[1], in: test) else {
            Issue.record("it was not reused")
            return
        }
        #expect(answer.usage == Self.usage && answer.saved == Picodollars(21_000_000))
        let answers = try await test.answers()
        #expect(answers[1].answer == "There." && answers[1].toolCalls == [call] && answers[1].isReused)
        #expect(answers[1].usage == Usage() && answers[1].cost == .zero && answers[1].attempts == 0)
        #expect(answers[1].model == answers[0].model && !answers[0].isReused)
        let status = try #require(try await test.store.status().first)
        #expect(status[.done] == 2 && status.requests == 1 && status.cost == Picodollars(21_000_000))
        let sums = try await test.store.reused()
        #expect(sums.answers == 1 && sums.collapsed == 0 && sums.usage == Self.usage)
        #expect(try await test.count("SELECT count(*) FROM answers WHERE reused IS NOT NULL") == 1)
        #expect(try await test.damage() == [])
    }

    @Test func `One asks and the others find it in the air, then answered`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a", "b", "c"])
        let jobs = try await test.lease(3)
        let first = try sent(await share(jobs[0], in: test, collapses: true), jobs[0], test)
        #expect(try await share(jobs[1], in: test, collapses: true) == .inAir)
        #expect(try await test.state(of: "b") == .leased)
        try await test.store.settle(first.settled(.answer()))
        let copies = try await test.store.copyAnswers(for: [
            opening(jobs[1], test, collapses: true), opening(jobs[2], test, collapses: true),
            opening(jobs[2], test, collapses: true),
        ])
        let kinds = copies.map { if case .reused(let answer) = $0 { answer.way.rawValue } else { "\($0)" } }
        #expect(kinds == ["collapse", "collapse", "leaseLost"])
        #expect(try await test.store.reused().collapsed == 2)
        #expect(try await test.damage() == [])
    }

    @Test func `Rows of another batch do not count where only rows collapse`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a"])
        try await test.enqueue(["b"], batch: "other")
        let jobs = try await test.lease(2)
        let first = try sent(await share(jobs[0], in: test), jobs[0], test)
        let other = try sent(
            await share(jobs[1], in: test, reuses: false, collapses: true), jobs[1], test)
        try await test.store.settle(first.settled(.answer()))
        try await test.store.settle(other.settled(.answer()))
        #expect(try await test.store.reused().answers == 0)
        #expect(try await test.damage() == [])
    }

    @Test(arguments: [
        Settlement.Outcome.failure(.fail),
        .answer(Completion(text: "cut", finishReason: .length, model: "m", usage: nil)),
        .answer(Completion(text: "", finishReason: .contentFilter, model: "m", usage: nil)),
        .interrupted(partialText: "half"),
    ])
    func `What failed, was cut or is unknown is asked again`(outcome: Settlement.Outcome) async throws {
        let test = try await TestStore()
        try await test.enqueue(["a", "b"])
        let jobs = try await test.lease(2)
        let first = try sent(await share(jobs[0], in: test), jobs[0], test)
        var settlement = first.settled(outcome)
        settlement.knownAs = [1, 2, 3]
        try await test.store.settle(settlement)
        _ = try sent(await share(jobs[1], in: test), jobs[1], test)
        let known = try await test.count("SELECT count(*) FROM known_requests")
        if case .interrupted = outcome { #expect(known == 2) } else { #expect(known == 1) }
        #expect(try await test.damage() == [])
    }

    @Test func `An identical request that was lost is asked again under its key, whoever asks`() async throws
    {
        let test = try await TestStore()
        try await test.enqueue(["a", "b", "c", "d"])
        let jobs = try await test.lease(4)
        let lost = try sent(await share(jobs[0], in: test), jobs[0], test)
        try await test.store.settle(lost.settled(.interrupted(partialText: nil)))
        let again = try sent(await share(jobs[1], in: test), jobs[1], test)
        #expect(again.attempt.idempotencyKey == lost.attempt.idempotencyKey)
        try await test.store.settle(again.settled(.failure()))
        #expect(
            try await test.count("SELECT count(DISTINCT idempotency_key) FROM attempts") == 1)
        // The first job asks once more and fails for good: its key is worth nothing then.
        _ = try await test.store.rescue(.retry)
        let first = try #require(try await test.lease(1).first)
        let last = try sent(await share(first, in: test), first, test)
        try await test.store.settle(last.settled(.failure()))
        let other = try sent(await share(jobs[2], in: test), jobs[2], test)
        #expect(other.attempt.idempotencyKey != lost.attempt.idempotencyKey)
    }

    @Test func `Whoever need not wait asks although another one does`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a", "b"])
        let jobs = try await test.lease(2)
        _ = try sent(await share(jobs[0], in: test), jobs[0], test)
        _ = try sent(await share(jobs[1], in: test, waits: false), jobs[1], test)
    }

    @Test func `An answer that comes late, to a request that had been given up, is found`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a", "b"])
        let jobs = try await test.lease(2, worker: try await test.worker(pid: 5))
        // Its run shares nothing; it is still in the air when another one catches up.
        let late = try await test.send(jobs[0])
        try await test.store.catchUpWithKnownRequests()
        #expect(try await share(jobs[1], in: test) == .inAir)
        test.kill(pid: 5)
        _ = try await test.store.rescue(.hold)
        #expect(try await test.state(of: "a") == .unknown)
        let scope = try #require(ReuseScope(reuses: true, collapses: false))
        #expect(try await test.store.known([1, 2, 3], to: jobs[1].batch, in: scope) == .nothing)
        try await test.store.settle(late.settled(.answer()))
        let again = try await test.lease(1)
        guard case .reused = try await share(again[0], in: test) else {
            Issue.record("the late answer was not found")
            return
        }
        #expect(try await test.state(of: "a") == .done)
        #expect(try await test.damage() == [])
    }

    @Test func `An answer whose conversation is deleted is not used any more, and copies stay whole`()
        async throws
    {
        let test = try await TestStore()
        try await test.enqueue(["a", "b", "c"])
        let jobs = try await test.lease(3)
        let first = try sent(await share(jobs[0], in: test), jobs[0], test)
        try await test.store.settle(first.settled(.answer()))
        guard case .reused = try await share(jobs[1], in: test) else {
            Issue.record("it was not reused")
            return
        }
        try await test.store.write { context in
            let delete = try context.statement("DELETE FROM jobs WHERE job_key = 'a'")
            try delete.run()
        }
        #expect(try await test.count("SELECT count(*) FROM known_requests") == 0)
        _ = try sent(await share(jobs[2], in: test), jobs[2], test)
        let answers = try await test.answers()
        #expect(answers.first { $0.customID == "b" }?.answer == "Forty-two.")
        #expect(try await test.count("SELECT count(*) FROM reused_answers WHERE attempt_id IS NULL") == 1)
    }

    @Test func `A number that is given to another attempt is looked at again`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a", "b", "c"])
        let jobs = try await test.lease(3)
        try await test.store.settle(try await test.send(jobs[0]).settled(.answer()))
        try await test.store.catchUpWithKnownRequests()
        try await test.store.write { context in
            try context.statement("DELETE FROM sessions").run()
        }
        try await test.store.settle(try await test.send(jobs[1]).settled(.answer()))
        try await test.store.catchUpWithKnownRequests()
        guard case .reused = try await share(jobs[2], in: test) else {
            Issue.record("it was not reused")
            return
        }
    }

    @Test func `A job that was lost gets no copy`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a", "b"])
        let jobs = try await test.lease(2)
        let first = try sent(await share(jobs[0], in: test), jobs[0], test)
        try await test.store.settle(first.settled(.answer()))
        try await test.store.pause(batch: jobs[1].batch)
        await #expect(throws: StoreError.leaseLost(jobs[1].lease.job)) {
            _ = try await share(jobs[1], in: test)
        }
        #expect(try await test.store.copyAnswers(for: [opening(jobs[1], test)]) == [.leaseLost])
        #expect(try await test.state(of: "b") == .waiting)
        #expect(try await test.damage() == [])
    }

    @Test func `A request for which the budget has no room is not known`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a"])
        let job = try #require(try await test.lease(1).first)
        var opening = opening(job, test)
        opening.worstCase = Picodollars(10)
        let refused = try await test.store.openShared(opening, within: Budget(limit: Picodollars(9)))
        guard case .asked(.refused) = refused else {
            Issue.record("\(refused)")
            return
        }
        #expect(try await test.count("SELECT count(*) FROM known_requests") == 0)
    }

    static let damages: [(law: String, sql: String)] = [
        ("done-jobs-are-answered", "DELETE FROM reused_answers"),
        ("reused-answers-are-whole", "UPDATE jobs SET state = 'cancelled' WHERE job_key = 'b'"),
        (
            "reused-answers-are-whole",
            "UPDATE messages SET status = 'partial' WHERE attempt_id IS NULL AND role = 'assistant'"
        ),
        ("reused-answers-are-not-billed", "UPDATE messages SET attempt_id = 1 WHERE role = 'assistant'"),
        ("reused-answers-equal-their-originals", "UPDATE messages SET content = 'x' WHERE attempt_id = 1"),
        ("reused-answers-equal-their-originals", "UPDATE reused_answers SET saved_picodollars = NULL"),
        ("known-requests-are-their-attempts", "UPDATE attempts SET request_hash = x'00'"),
    ]

    @Test(arguments: damages)
    func `Damage to what is reused is found and named`(damage: (law: String, sql: String)) async throws {
        let test = try await TestStore()
        try await test.enqueue(["a", "b"])
        let jobs = try await test.lease(2)
        let first = try sent(await share(jobs[0], in: test), jobs[0], test)
        try await test.store.settle(first.settled(.answer()))
        _ = try await share(jobs[1], in: test)
        #expect(try await test.damage() == [])
        try test.tamper(damage.sql)
        #expect(try await test.damage().contains(damage.law))
    }
}
