import OrderedCollections
import ParleyCore
import Testing

@testable import ConversationStore

/// A conversation by hand, answered turn by turn.
struct TurnTests {
    private static let model = ModelName(provider: "simulator", model: "sim-small")

    private func begin(
        _ text: String, in session: SessionID? = nil, of test: TestStore, by worker: Worker
    ) async throws -> OpenTurn {
        try await test.store.begin(
            TurnDraft(
                session.map { .existing($0) } ?? .new(SessionDraft(model: Self.model)),
                messages: [.user(text)]), by: worker)
    }

    private func send(_ turn: OpenTurn, of test: TestStore) async throws -> AttemptID {
        try await test.store.open(
            TurnRequest(
                role: "default", model: Self.model, requestHash: [1], idempotencyKey: "k",
                sentAt: test.clock.time.now), in: turn)
    }

    private func settle(
        _ attempt: AttemptID, _ outcome: TurnSettlement.Outcome, in turn: OpenTurn, of test: TestStore
    ) async throws {
        try await test.store.settle(
            TurnSettlement(
                attempt: attempt, role: "default", model: Self.model, at: test.clock.time.now,
                latency: .milliseconds(5), outcome: outcome), in: turn)
    }

    private func isSound(_ test: TestStore) async throws -> Bool {
        try await test.store.check().allSatisfy { $0.severity == .note }
    }

    @Test func `A session says interrupted from its question until the whole answer is stored`() async throws
    {
        let test = try await TestStore()
        let worker = try await test.worker()
        let turn = try await begin("What is 1 + 1?\nPlease.", of: test, by: worker)
        let store = test.store
        #expect(try await store.requireSession(turn.session).status == .interrupted)
        #expect(try await store.requireSession(turn.session).title == "What is 1 + 1?")
        let attempt = try await send(turn, of: test)
        #expect(try await isSound(test))
        try await store.checkpoint(AnswerPart(text: "It "), of: attempt, in: turn)
        try await store.checkpoint(AnswerPart(text: "It is ", reasoning: "Add."), of: attempt, in: turn)
        let part = try #require(try await store.messages(of: turn.session).last)
        #expect(part.isPartial)
        #expect(part.message.content == "It is ")
        #expect(part.message.reasoning == "Add.")
        try await settle(
            attempt, .answered(.fixture("It is 2."), cost: Picodollars(7), price: nil), in: turn, of: test)
        try await store.close(turn)
        let messages = try await store.messages(of: turn.session)
        #expect(messages.map(\.message.content) == ["What is 1 + 1?\nPlease.", "It is 2."])
        #expect(messages.last?.cost == Picodollars(7))
        #expect(messages.allSatisfy { !$0.isPartial })
        #expect(try await store.requireSession(turn.session).status == .active)
        #expect(try await isSound(test))
    }

    @Test func `Two processes do not answer one session at once`() async throws {
        let test = try await TestStore()
        let turn = try await begin("First", of: test, by: try await test.worker())
        let other = try await test.worker(pid: 2)
        await #expect(throws: StoreError.sessionBusy(turn.session)) {
            try await begin("Second", in: turn.session, of: test, by: other)
        }
    }

    @Test func `What a killed process leaves is unknown, and the session goes on`() async throws {
        let test = try await TestStore()
        let turn = try await begin("First", of: test, by: try await test.worker(pid: 8))
        let attempt = try await send(turn, of: test)
        try await test.store.checkpoint(AnswerPart(text: "Half"), of: attempt, in: turn)
        test.kill(pid: 8)
        let next = try await begin("Second", in: turn.session, of: test, by: try await test.worker())
        let messages = try await test.store.messages(of: turn.session)
        #expect(messages.map(\.message.content) == ["First", "Half", "Second"])
        #expect(messages[1].isPartial)
        #expect(try await isSound(test))
        // The word comes after all: it is billed, and stands beside the conversation.
        await #expect(throws: StoreError.turnLost(turn.session)) {
            try await settle(
                attempt, .answered(.fixture("Half a loaf"), cost: nil, price: nil), in: turn, of: test)
        }
        #expect(
            try await test.store.conversation(of: next.session).map(\.content) == ["First", "Half", "Second"])
        #expect(try await isSound(test))
    }

    @Test func `A broken answer stays until something of the one that goes on with it is stored`()
        async throws
    {
        let test = try await TestStore()
        let worker = try await test.worker()
        let turn = try await begin("First", of: test, by: worker)
        let attempt = try await send(turn, of: test)
        try await settle(attempt, .interrupted(part: AnswerPart(text: "Half")), in: turn, of: test)
        try await test.store.close(turn)
        let broken = try #require(try await test.store.messages(of: turn.session).last)
        let again = try await test.store.begin(
            TurnDraft(.existing(turn.session), messages: [], replaces: broken.id), by: worker)
        let second = try await send(again, of: test)
        #expect(try await test.store.conversation(of: turn.session).map(\.content) == ["First", "Half"])
        try await test.store.checkpoint(AnswerPart(text: "Half a"), of: second, in: again)
        #expect(try await test.store.conversation(of: turn.session).map(\.content) == ["First", "Half a"])
        try await settle(
            second, .answered(.fixture("Half a loaf"), cost: nil, price: nil), in: again, of: test)
        #expect(
            try await test.store.conversation(of: turn.session).map(\.content) == ["First", "Half a loaf"])
        #expect(try await test.store.messages(of: turn.session).count == 3)
        #expect(try await isSound(test))
    }

    @Test func `A failed request is billed and shown, and what had come of it is kept`() async throws {
        let test = try await TestStore()
        let worker = try await test.worker()
        let turn = try await begin("First", of: test, by: worker)
        let attempt = try await send(turn, of: test)
        let record = FailedRequest(
            body: "{}", estimatedTokens: 1, estimateMethod: "chars/4", messagesCount: 1)
        let failure = Failure(kind: .streamBroken, provider: "simulator", message: "gone")
        try await settle(
            attempt, .failed(failure, record: record, part: AnswerPart(text: "Ha")), in: turn, of: test)
        try await test.store.close(turn)
        #expect(try await test.store.requireSession(turn.session).status == .interrupted)
        #expect(try await test.store.messages(of: turn.session).last?.message.content == "Ha")
        #expect(try await isSound(test))
    }

    @Test func `A call is answered once, and its session waits for the others`() async throws {
        let test = try await TestStore()
        let worker = try await test.worker()
        let turn = try await begin("First", of: test, by: worker)
        let attempt = try await send(turn, of: test)
        let calls = ["a", "b"].map { ToolCall(id: $0, name: "clock", arguments: .parsed([:])) }
        try await settle(
            attempt, .answered(.fixture("", toolCalls: calls), cost: nil, price: nil), in: turn, of: test)
        try await test.store.close(turn)
        let open = try await test.store.openCalls(of: turn.session)
        #expect(open.map(\.call.id) == ["a", "b"])
        #expect(try await test.store.answer(open[1], with: ToolResult(content: "noon")))
        #expect(try await !test.store.answer(open[1], with: ToolResult(content: "midnight")))
        #expect(try await test.store.openCalls(of: turn.session).map(\.call.id) == ["a"])
        #expect(try await test.store.requireSession(turn.session).status == .interrupted)
        #expect(try await test.store.messages(of: turn.session).last?.message.content == "noon")
    }
}
