import OrderedCollections
import ParleyCore
import Testing

@testable import ConversationStore

@Suite struct ConversationTests {
    @Test func `A conversation comes back as it went in, continuation and calls included`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a"])
        let job = try #require(try await test.lease().first)
        let earlier = Message(
            role: .assistant, content: "", reasoning: "Hm.",
            toolCalls: [
                ToolCall(id: "c1", name: "look", arguments: .parsed(["word": "x"])),
                ToolCall(id: "c2", name: "look", arguments: .invalid(raw: "{oops")),
                ToolCall(id: "c3", name: "look", arguments: .repaired(["word": "y"], raw: #"{"word":"y"#)),
            ], continuation: ["dialect": "anthropic", "thinking": [["signature": "abc"]]])
        let result = Message(
            role: .tool, content: "found", toolCallID: "c1", isError: true, isProtected: true)
        let turns = [Message.user("Look x up."), earlier, result]
        let opened = try await test.store.open(
            .fixture(job, messages: turns, sentAt: test.clock.time.now))
        var answer = Completion.fixture("Forty-two.")
        answer.continuation = ["dialect": "openai-responses", "items": [1, 2]]
        let sending = Sending(job: job, attempt: opened, at: test.clock.time.now)
        try await test.store.settle(sending.settled(.answer(answer)))

        let stored = try await test.store.conversation(of: opened.session)
        #expect(stored == turns + [answer.message])
        #expect(try await test.damage() == [])
    }

    @Test func `Only an assistant's turn has something to go on with`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a"])
        let job = try #require(try await test.lease().first)
        var turn = Message.user("Hello.")
        turn.continuation = ["dialect": "anthropic"]
        let opened = try await test.store.open(
            .fixture(job, messages: [turn], sentAt: test.clock.time.now))
        #expect(try await test.store.conversation(of: opened.session) == [.user("Hello.")])
    }
}
