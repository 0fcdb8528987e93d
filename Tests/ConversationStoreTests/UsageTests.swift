import GRDB
import ParleyCore
import Testing

@testable import ConversationStore

struct UsageTests {
    private func settle(
        _ test: TestStore, _ key: String, batch: String, model: ModelName = .fixture,
        _ outcome: Settlement.Outcome
    ) async throws {
        try await test.enqueue([key], batch: batch)
        let job = try #require(try await test.lease().first)
        let opening = AttemptOpening.fixture(job, sentAt: test.clock.time.now, model: model)
        let sending = Sending(job: job, attempt: try await test.store.open(opening), at: test.clock.time.now)
        try await test.store.settle(sending.settled(outcome, model: model))
    }

    @Test func `Usage adds up by model, batch and role`() async throws {
        let test = try await TestStore()
        let other = try #require(ModelName("openai/gpt-4o-mini"))
        try await settle(test, "a", batch: "one", .answer())
        try await settle(test, "b", batch: "one", .failure())
        try await settle(test, "c", batch: "two", model: other, .answer(cost: nil))

        let byModel = try await test.store.usage(UsageQuery(by: [.model]))
        #expect(byModel.map { $0.keys[.model] } == ["openai/gpt-4o-mini", "simulator/sim-small"])
        #expect(byModel.map(\.requests) == [1, 2] && byModel.map(\.failures) == [0, 1])
        #expect(byModel.map(\.unpricedRequests) == [1, 0])
        #expect(byModel.map(\.cost) == [.zero, Picodollars(21_000_000)])

        let byBatch = try await test.store.usage(UsageQuery(by: [.batch, .role]))
        #expect(byBatch.map { $0.keys[.batch] } == ["one", "two"])
        #expect(byBatch.map { $0.keys[.role] } == ["default", "default"])

        let all = try #require(try await test.store.usage().first)
        #expect(all.requests == 3 && all.usage.inputUncached == 200 && all.usage.output == 20)
        #expect(try await test.store.unpricedModels().map(\.model) == [other])
    }

    @Test func `A day begins where its reader lives`() async throws {
        let test = try await TestStore()
        // 2026-11-18 11:06:40 UTC.
        try await settle(test, "a", batch: "one", .answer())
        test.clock.advance(by: .seconds(13 * 3600))
        try await settle(test, "b", batch: "one", .answer())

        func days(_ hoursEast: Int) async throws -> [String?] {
            let query = UsageQuery(by: [.day], timezoneOffsetSeconds: hoursEast * 3600)
            return try await test.store.usage(query).map { $0.keys[.day] }
        }
        #expect(try await days(0) == ["2026-11-18", "2026-11-19"])
        #expect(try await days(-5) == ["2026-11-18"])
        #expect(try await days(13) == ["2026-11-19"])
        let hours = try await test.store.usage(UsageQuery(by: [.hour])).map { $0.keys[.hour] }
        #expect(hours == ["2026-11-18T11:00", "2026-11-19T00:00"])
    }

    @Test func `A period is widened to whole hours`() async throws {
        let test = try await TestStore()
        try await settle(test, "a", batch: "one", .answer())
        let now = test.clock.time.now
        func requests(since: Timestamp?, until: Timestamp?) async throws -> Int? {
            try await test.store.usage(UsageQuery(since: since, until: until)).first?.requests
        }
        #expect(try await requests(since: now + .seconds(60), until: nil) == 1)
        #expect(try await requests(since: now + .seconds(3600), until: nil) == 0)
        #expect(try await requests(since: nil, until: now) == 1)
        #expect(try await requests(since: nil, until: now - .seconds(3600)) == 0)
    }

    @Test func `Failures are summed up by kind with the last words`() async throws {
        let test = try await TestStore()
        try await settle(test, "a", batch: "one", .failure())
        try await settle(test, "b", batch: "one", .failure())
        try await settle(test, "c", batch: "two", .failure(kind: .rejected))
        let summary = try await test.store.failureSummary()
        #expect(summary.map(\.kind) == ["overloaded", "rejected"] && summary.map(\.count) == [2, 1])
        #expect(summary[0].lastMessage == "busy")
        let second = try await test.store.requireBatch(named: "two").id
        #expect(try await test.store.failureSummary(of: second).map(\.kind) == ["rejected"])
    }

    @Test func `Old evidence is thrown away by count`() async throws {
        let test = try await TestStore()
        for key in ["a", "b", "c"] { try await settle(test, key, batch: "one", .failure()) }
        #expect(try await test.store.pruneFailedRequests(keeping: 2) == 1)
        #expect(try await test.count("SELECT count(*) FROM failed_requests") == 2)
        #expect(try await test.damage() == [])
    }

    @Test func `The views read well`() async throws {
        let test = try await TestStore()
        try await settle(test, "a", batch: "one", .answer())
        let row = try await test.store.read { database in
            try Row.fetchOne(
                database,
                sql: """
                    SELECT a.answer, c.day, c.cost_usd, r.sent, p.done, t.content
                    FROM answers a, costs_by_day c, requests r, batch_progress p, transcripts t, jobs_view j
                    WHERE t.role = 'user'
                    """
            ).map { row in (0..<6).map { "\(row[$0] as DatabaseValue)" } }
        }
        let expected = [
            #""Forty-two.""#, #""2026-11-18""#, "2.1e-05", #""2026-11-18T11:06:40.000Z""#, "1",
            #""What is it?""#,
        ]
        #expect(row == expected)
        #expect(try await test.count("SELECT count(*) FROM failures") == 0)
        #expect(try await test.count("SELECT count(*) FROM price_list") > 50)
    }
}
