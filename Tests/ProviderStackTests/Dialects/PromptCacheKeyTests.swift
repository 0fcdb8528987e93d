import ParleyCore
import Testing

@testable import ProviderStack

@Suite struct PromptCacheKeyTests {
    private let asked: CompletionRequest = {
        var request = CompletionRequest.fixture(
            system: "A long system prompt.", messages: [.user("A long document."), .user("One question.")],
            tools: [.fixture()])
        request.sharedMessages = 1
        return request
    }()

    @Test func `The key is the same in every process`() {
        #expect(PromptCacheKey.of(.fixture()) == "parley-2354edb477dd2222")
    }

    @Test func `Another question after the same beginning has the same key`() {
        var other = asked
        other.messages[1] = .user("Another question.")
        #expect(PromptCacheKey.of(other) == PromptCacheKey.of(asked))
    }

    @Test func `Another beginning has another key`() {
        var others = Array(repeating: asked, count: 6)
        others[0].system = "Another system prompt."
        others[1].messages[0] = .user("Another document.")
        others[2].tools = [.fixture(name: "define")]
        others[3].model = ModelName(provider: "openai", model: "another-model")
        others[4].sharedMessages = 2
        others[5].messages[0] = .assistant("A long document.")
        let keys = Set((others + [asked]).map { PromptCacheKey.of($0) })
        #expect(keys.count == 7)
    }

    @Test func `A text that moves from one part to the next makes another key`() {
        var one = CompletionRequest.fixture(messages: [.user("ab"), .user("c")])
        one.sharedMessages = 2
        var two = one
        two.messages = [.user("a"), .user("bc")]
        #expect(PromptCacheKey.of(one) != PromptCacheKey.of(two))
    }

    @Test func `A key of the request's own goes as it is`() {
        var request = asked
        request.cacheKey = "my-batch:7"
        #expect(PromptCacheKey.of(request) == "my-batch:7")
    }

    @Test(arguments: [String(repeating: "k", count: 65), "two\r\nlines", "Schlüssel", "a b"])
    func `A key of the request's own that cannot be sent becomes a short one`(own: String) {
        var request = asked
        request.cacheKey = own
        let key = PromptCacheKey.of(request)
        #expect(key.hasPrefix("parley-") && key.count <= PromptCacheKey.charactersMax)
        request.messages = []
        #expect(PromptCacheKey.of(request) == key)
        request.cacheKey = own + "2"
        #expect(PromptCacheKey.of(request) != key)
    }

    private func split(_ text: String, _ bytes: Int, shard: Int = 0) -> CompletionRequest {
        var request = CompletionRequest.fixture(messages: [.user(text)])
        request.cache = PromptCacheWish(sharedBytes: bytes, shard: shard, keepsEnd: false)
        return request
    }

    @Test func `The shared beginning of a message counts, and what comes behind it does not`() {
        let key = PromptCacheKey.of(split("Document. Why?", 10))
        #expect(PromptCacheKey.of(split("Document. Who?", 10)) == key)
        #expect(PromptCacheKey.of(split("Another document. Why?", 18)) != key)
        #expect(PromptCacheKey.isOfUse(to: split("Document. Why?", 10)))
    }

    @Test func `Each shard of a beginning has a key of its own, the first one the plain key`() {
        let keys = (0..<3).map { PromptCacheKey.of(split("Document. Why?", 10, shard: $0)) }
        #expect(keys[1] == keys[0] + "-1" && keys[2] == keys[0] + "-2")
        #expect(PromptCacheKey.of(split("Document. Who?", 10, shard: 2)) == keys[2])
    }

    @Test func `What nothing is to be kept of has no key but its own`() {
        var request = asked
        request.cache.retention = .none
        #expect(!PromptCacheKey.isOfUse(to: request) && PromptCacheKey.isUnwanted(by: request))
        request.cacheKey = "my-batch:7"
        #expect(PromptCacheKey.isOfUse(to: request) && !PromptCacheKey.isUnwanted(by: request))
    }
}
