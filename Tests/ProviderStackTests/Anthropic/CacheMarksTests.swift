import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

@Suite struct CacheMarksTests {
    @Test func `The tools, the system prompt and the last shared message are marked`() {
        let marks = CacheMarks(for: request(shared: 2), hint: .marks)
        #expect(marks.tools && marks.system && marks.messageIndex == 1)
    }

    @Test func `Without shared messages only tools and system prompt are marked`() {
        let marks = CacheMarks(for: request(shared: 0), hint: .marks)
        #expect(marks.tools && marks.system && marks.messageIndex == nil)
    }

    @Test func `What a request has not is not marked`() {
        #expect(CacheMarks(for: .fixture(), hint: .marks).isEmpty)
    }

    @Test func `An empty message gives its mark to the one before`() {
        var asked = request(shared: 2)
        asked.messages[1] = .assistant("")
        #expect(CacheMarks(for: asked, hint: .marks).messageIndex == 0)
        #expect(CacheMarks(for: asked, hint: .marks, canMark: { _ in true }).messageIndex == 1)
    }

    @Test func `More shared messages than there are means all of them`() {
        #expect(CacheMarks(for: request(shared: 99), hint: .marks).messageIndex == 2)
        #expect(CacheMarks(for: request(shared: -1), hint: .marks).messageIndex == nil)
    }

    @Test(arguments: [ProviderEntry.CacheHint.none, .key])
    func `A provider that takes no marks gets none`(hint: ProviderEntry.CacheHint) {
        #expect(CacheMarks(for: request(shared: 2), hint: hint).isEmpty)
    }

    @Test(arguments: [
        "openrouter/anthropic/claude-sonnet-4.5", "lab/claude-haiku-4-5", "openrouter/anthropic/Claude-Next",
        "bedrock/us.anthropic.claude-sonnet-4-5-v1:0",
    ])
    func `A Claude is marked behind any provider`(model: String) {
        #expect(CacheMarks(for: request(shared: 1, model: model), hint: .none).system)
    }

    @Test(arguments: ["lab/my-claude-tuned", "openrouter/openai/gpt-5", "lab/anthropic"])
    func `Another model is not taken for a Claude`(model: String) {
        #expect(CacheMarks(for: request(shared: 1, model: model), hint: .none).isEmpty)
    }

    @Test(arguments: ["cache_control", "messages", "system", "tools"])
    func `A request that says itself what is cached is left alone`(option: String) {
        var asked = request(shared: 2)
        asked.options = [option: [:]]
        #expect(CacheMarks(for: asked, hint: .marks).isEmpty)
    }

    private func request(shared: Int, model: String = "anthropic/asked-model") -> CompletionRequest {
        var request = CompletionRequest.fixture(
            model: model, system: "Be brief.",
            messages: [.user("A document."), .assistant("Read."), .user("A question.")],
            tools: [.fixture()])
        request.sharedMessages = shared
        return request
    }
}
