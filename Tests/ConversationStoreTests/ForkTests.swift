import OrderedCollections
import ParleyCore
import Testing

@testable import ConversationStore

/// A conversation with the messages of another one.
struct ForkTests {
    private func source(_ test: TestStore) async throws -> SessionID {
        let call = ToolCall(id: "a", name: "clock", arguments: .parsed([:]))
        let session = ImportedSession(
            origin: "openai:1", title: "T", model: .fixture, system: "S",
            settings: SessionSettings(maxTokens: 5),
            messages: [
                ImportedMessage(.user("one")),
                ImportedMessage(.assistant("half"), isPartial: true, setAsideAt: test.clock.time.now),
                ImportedMessage(
                    Message(role: .assistant, content: "", toolCalls: [call]),
                    answer: ImportedAnswer(model: "p/m")),
                ImportedMessage(Message(role: .tool, content: "noon", toolCallID: "a")),
                ImportedMessage(.assistant("It is noon.")), ImportedMessage(.user("two")),
            ])
        guard case .new(let id, _)? = try await test.store.importSessions([session], from: "x").first else {
            throw StoreError.closed(path: "")
        }
        return id
    }

    @Test func `Has what is part of the original, and says where it came from`() async throws {
        let test = try await TestStore()
        let id = try await source(test)
        let fork = try await test.store.fork(id, through: nil, title: nil)
        let record = try await test.store.requireSession(fork)
        #expect(
            record.parent == id && record.forkedMessages == 5 && record.title == "T" && record.system == "S")
        #expect(record.settings.maxTokens == 5 && record.status == .interrupted)
        #expect(try await test.store.conversation(of: fork) == (try await test.store.conversation(of: id)))
        #expect(try await test.store.openCalls(of: fork).isEmpty)
        #expect(try await test.store.importedAnswers(of: fork).count == 1)
        #expect(try await test.damage() == [])
    }

    @Test func `A cut between calls and results is moved behind the results`() async throws {
        let test = try await TestStore()
        let id = try await source(test)
        let fork = try await test.store.fork(id, through: 2, title: "Other")
        #expect(try await test.store.messages(of: fork).map(\.position) == [0, 2, 3])
        #expect(try await test.store.requireSession(fork).title == "Other")
        #expect(try await test.store.openCalls(of: fork).isEmpty)
        let first = try await test.store.fork(id, through: 0, title: nil)
        #expect(try await test.store.conversation(of: first) == [.user("one")])
        await #expect(throws: StoreError.sessionUnknown(SessionID(99))) {
            try await test.store.fork(SessionID(99), through: nil, title: nil)
        }
    }

    @Test func `A job's conversation becomes one by hand, and its answer is still reused once`() async throws
    {
        let test = try await TestStore()
        try await test.enqueue(["a", "b"])
        let jobs = try await test.lease(2)
        try await test.store.settle(
            try await test.send(jobs[0]).settled(
                .answer(Completion(text: "Four.", finishReason: .stop, model: "m", usage: Usage(output: 3)))))
        let session = SessionID(try #require(try await test.answers().first?.session))
        let fork = try await test.store.fork(session, through: nil, title: nil)
        let record = try await test.store.requireSession(fork)
        #expect(record.job == nil && record.system == "Be brief." && record.status == .active)
        #expect(try await test.store.messages(of: fork).last?.cost == Picodollars(21_000_000))
        #expect(try await test.store.spending(of: fork).requests == 0)
        try await test.store.catchUpWithKnownRequests()
        var opening = AttemptOpening.fixture(jobs[1], sentAt: test.clock.time.now)
        opening.reuse = ReuseScope(reuses: true, collapses: true)
        guard case .reused = try await test.store.openShared(opening, within: nil) else {
            Issue.record("the answer was not reused")
            return
        }
        #expect(try await test.answers().map(\.answer) == ["Four.", "Four."])
        #expect(try await test.damage() == [])
    }
}
