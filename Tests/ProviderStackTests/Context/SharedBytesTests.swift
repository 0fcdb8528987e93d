import OrderedCollections
import ParleyCore
import Testing

@testable import ProviderStack

/// Whoever changes the messages of a request takes care of what it says of its shared beginning.
@Suite struct SharedBytesTests {
    private func request(_ messages: [Message], shared: Int, bytes: Int) -> CompletionRequest {
        var request = CompletionRequest.fixture(messages: messages, tools: [.fixture()])
        request.sharedMessages = shared
        request.cache.sharedBytes = bytes
        return request
    }

    @Test func `A ghost in the place of the split message takes the split with it`() {
        let asked = request([.user("a"), .assistant(""), .user("Document. Why?")], shared: 1, bytes: 10)
            .withoutGhosts
        #expect(asked.sharedMessages == 1 && asked.cache.sharedBytes == 0)
    }

    @Test func `A ghost before the split message leaves it`() {
        let asked = request([.user("a"), .assistant(""), .user("Document. Why?")], shared: 2, bytes: 10)
            .withoutGhosts
        #expect(asked.sharedMessages == 1 && asked.splitMessage?.head == "Document. ")
    }

    @Test func `A message left out before the end of what is shared ends it there`() {
        let turns = (1...10).map { number in
            number.isMultiple(of: 2)
                ? Message.assistant(String(repeating: "a", count: 96))
                : .user(String(repeating: "q", count: 96))
        }
        let budget = ContextBudget(tokensMax: 800, recentMessages: 2)
        func fitted(shared: Int) -> CompletionRequest {
            budget.fit(request(turns, shared: shared, bytes: 5), by: ByteCounter()).request
        }
        #expect(fitted(shared: 2).messages.count < turns.count)
        #expect(fitted(shared: 2).sharedMessages == 1 && fitted(shared: 2).cache.sharedBytes == 0)
        #expect(fitted(shared: 0).sharedMessages == 0 && fitted(shared: 0).cache.sharedBytes == 5)
    }

    @Test func `Tools in words forget the split, and keep the rest of the wish`() {
        var asked = request([.user("Document. Why?")], shared: 0, bytes: 10)
        asked.cache.shard = 3
        asked.cache.keepsEnd = false
        let told = asked.withToolsAsText()
        #expect(told.cache == PromptCacheWish(shard: 3, keepsEnd: false))
    }
}
