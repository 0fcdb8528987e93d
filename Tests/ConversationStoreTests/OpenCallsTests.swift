import GRDB
import OrderedCollections
import ParleyCore
import Testing

@testable import ConversationStore

struct OpenCallsTests {
    private static let model = ModelName(provider: "simulator", model: "sim-small")

    private func ask(_ ids: [String], of test: TestStore, by worker: Worker) async throws -> SessionID {
        let turn = try await test.store.begin(
            TurnDraft(.new(SessionDraft(model: Self.model)), messages: [.user("Go.")]), by: worker)
        let attempt = try await test.store.open(
            TurnRequest(
                role: "default", model: Self.model, requestHash: [1], idempotencyKey: "k",
                sentAt: test.clock.time.now), in: turn)
        let calls = ids.map { ToolCall(id: $0, name: "clock", arguments: .parsed([:])) }
        try await test.store.settle(
            TurnSettlement(
                attempt: attempt, role: "default", model: Self.model, at: test.clock.time.now,
                latency: .milliseconds(5),
                outcome: .answered(.fixture("", toolCalls: calls), cost: nil, price: nil)), in: turn)
        try await test.store.close(turn)
        test.clock.advance(by: .seconds(1))
        return turn.session
    }

    @Test func `Open calls of all conversations by hand are found, the latest first, or by their id`()
        async throws
    {
        let test = try await TestStore()
        let worker = try await test.worker()
        let first = try await ask(["a", "b"], of: test, by: worker)
        let second = try await ask(["a", "c"], of: test, by: worker)
        try await test.enqueue()
        let job = try #require(try await test.lease().first)
        let call = ToolCall(id: "a", name: "clock", arguments: .parsed([:]))
        try await test.store.settle(
            try await test.send(job).settled(.answer(.fixture(toolCalls: [call]))))
        let all = try await test.store.openCalls(upTo: 10)
        #expect(all.map(\.session) == [second, second, first, first])
        #expect(all.map(\.call.id) == ["a", "c", "a", "b"])
        #expect(try await test.store.openCalls(upTo: 3).count == 3)
        #expect(try await test.store.openCalls(named: "a", upTo: 10).map(\.session) == [second, first])
        try await test.store.answer(all[0], with: ToolResult(content: "noon"))
        #expect(try await test.store.openCalls(named: "a", upTo: 10).map(\.session) == [first])
    }

    @Test func `They are found without reading all messages`() async throws {
        let test = try await TestStore()
        let steps = try await test.store.read { database in
            let query = Store.openCallsQuery(named: "a", upTo: 5)
            let sql: SQL = "EXPLAIN QUERY PLAN \(query)"
            return try Row.fetchAll(database, SQLRequest(literal: sql)).map { $0["detail"] as String }
        }
        #expect(!steps.contains { $0.hasPrefix("SCAN") && !$0.contains("sessions_interrupted") }, "\(steps)")
    }
}
