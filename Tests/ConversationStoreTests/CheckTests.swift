import ParleyCore
import Testing

@testable import ConversationStore

/// For each law: a sound database, one planted damage, and the finding that names it.
struct CheckTests {
    /// One job done, one failed, one in the air, one unknown, one leased, one waiting.
    private func life() async throws -> TestStore {
        let test = try await TestStore()
        try await test.enqueue(["done", "failed", "sent", "unknown", "leased", "waiting"])
        let jobs = try await test.lease(5)
        try await test.store.settle(try await test.send(jobs[0]).settled(.answer()))
        try await test.store.settle(try await test.send(jobs[1]).settled(.failure()))
        _ = try await test.send(jobs[2])
        try await test.store.settle(try await test.send(jobs[3]).settled(.interrupted(partialText: "F")))
        return test
    }

    @Test func `A sound database has notes at most`() async throws {
        let test = try await life()
        #expect(try await test.damage() == [])
        let findings = try await test.store.check()
        #expect(findings.map(\.law) == ["unknown-requests"])
        #expect(findings.allSatisfy { $0.severity == .note })
        withExtendedLifetime(test) {}
    }

    static let damages: [(law: String, sql: String)] = [
        ("done-jobs-are-answered", "UPDATE messages SET status = 'partial' WHERE finish_reason = 'stop'"),
        ("answered-attempts-have-usage", "DELETE FROM token_usage"),
        ("answered-attempts-have-messages", "DELETE FROM messages WHERE finish_reason = 'stop'"),
        (
            "failed-jobs-have-failed-attempts",
            "UPDATE attempts SET state = 'unknown', failure_kind = NULL WHERE state = 'failed'"
        ),
        (
            "sent-jobs-have-one-attempt",
            "UPDATE attempts SET state = 'unknown', ended_at = 1 WHERE state = 'sent'"
        ),
        (
            "sent-attempts-have-sent-jobs",
            "UPDATE attempts SET state = 'sent', ended_at = NULL WHERE state = 'unknown'"
        ),
        ("held-jobs-have-workers", "DELETE FROM workers"),
        ("jobs-know-their-sessions", "UPDATE jobs SET session_id = 99 WHERE state = 'unknown'"),
        ("rollups-equal-the-ledger", "UPDATE usage_rollups SET cost_picodollars = cost_picodollars + 1"),
        ("rollups-equal-the-ledger", "DELETE FROM usage_rollups"),
        ("budgets-count-the-ledger", "UPDATE batch_spend SET spent = spent + 1"),
        ("budgets-count-the-ledger", "UPDATE batch_spend SET held = held + 1"),
        ("budgets-count-the-ledger", "DELETE FROM batch_spend"),
        ("batch-counts-are-right", "UPDATE batches SET jobs = jobs + 1"),
        ("batch-counts-are-right", "UPDATE batches SET last_job_id = last_job_id - 1"),
        ("contents-match-their-hashes", "UPDATE contents SET text = text || '!'"),
        ("references", "DELETE FROM sessions WHERE id = 1"),
        ("integrity", "UPDATE jobs SET state = 'leased' WHERE state = 'waiting'"),
    ]

    @Test(arguments: damages)
    func `Damage is found and named`(damage: (law: String, sql: String)) async throws {
        let test = try await life()
        try test.tamper(damage.sql)
        let found = try await test.damage()
        #expect(found.contains(damage.law))
    }

    @Test func `A finding counts and gives examples`() async throws {
        let test = try await life()
        try test.tamper("DELETE FROM workers")
        let finding = try #require(try await test.store.check().first)
        #expect(finding.count == 2 && finding.examples == ["job 3", "job 5"])
        #expect(finding.message == "2 jobs are held by a worker that is not registered.")
    }
}
