import OrderedCollections
import ParleyCore
import Testing

@testable import ProviderStack

/// A message of which only the beginning is shared, as the dialects write it.
@Suite struct SplitMessageTests {
    private static let mark: JSON = ["type": "ephemeral"]
    private static let longMark: JSON = ["ttl": "1h", "type": "ephemeral"]

    private func request(
        _ text: String = "Document. Why?",
        _ cache: PromptCacheWish = PromptCacheWish(sharedBytes: 10, keepsEnd: false)
    ) -> CompletionRequest {
        var request = CompletionRequest.fixture(
            model: "anthropic/asked-model", system: "Be brief.", messages: [.user(text)])
        request.cache = cache
        return request
    }

    private func content(_ body: JSON) -> JSON? { body["messages"]?.arrayValue?.last?["content"] }

    // MARK: Where it is split

    @Test(arguments: [
        ("Document. Why?", 10, "Document. "), ("Füße? Ja", 3, "Fü"), ("Füße? Ja", 2, nil),
        ("世界?", 3, "世"), ("世界?", 4, nil), ("🌍?", 2, nil), ("🌍?", 4, "🌍"),
        // Between a letter and its accent, and within a line end: the same bytes go, in two texts.
        ("e\u{301} Why?", 1, "e"), ("a\r\nb", 2, "a\r"),
        ("Document.   \n", 9, nil), ("   Why?", 2, nil), ("Document", 8, nil), ("Document", 99, nil),
        ("Document", 0, nil), ("", 4, nil),
    ])
    func `A text is split between two characters, and into parts that say something`(
        text: String, bytes: Int, head: String?
    ) throws {
        let split = request(text, PromptCacheWish(sharedBytes: bytes)).splitMessage
        #expect(split.map { Array($0.head.utf8) } == head.map { Array($0.utf8) })
        if let split { #expect(Array((split.head + split.tail).utf8) == Array(text.utf8)) }
    }

    @Test func `The message behind the shared ones is split`() {
        var asked = request()
        asked.messages = [.user("Earlier."), .assistant("Yes."), .user("Document. Why?")]
        asked.sharedMessages = 2
        #expect(asked.splitMessage?.index == 2)
        asked.sharedMessages = 3
        #expect(asked.splitMessage == nil)
        asked.sharedMessages = -1
        asked.cache.sharedBytes = 4
        #expect(asked.splitMessage?.index == 0 && asked.splitMessage?.head == "Earl")
    }

    // MARK: Anthropic

    @Test func `Anthropic gets two texts with a mark on the first`() {
        let body = AnthropicCodec.fixture().json(of: request())
        #expect(
            content(body) == [
                ["cache_control": Self.mark, "text": "Document. ", "type": "text"],
                ["text": "Why?", "type": "text"],
            ])
        #expect(body["system"] == [["cache_control": Self.mark, "text": "Be brief.", "type": "text"]])
    }

    @Test func `An hour is asked for at each mark`() {
        var asked = request()
        asked.cache.retention = .hour
        asked.tools = [.fixture()]
        let body = AnthropicCodec.fixture().json(of: asked)
        #expect(content(body)?.arrayValue?.map { $0["cache_control"] } == [Self.longMark, nil])
        #expect(body["system"]?.arrayValue?.first?["cache_control"] == Self.longMark)
        #expect(body["tools"]?.arrayValue?.first?["cache_control"] == Self.longMark)
    }

    @Test func `Nothing is marked where nothing is to be kept`() {
        var asked = request()
        asked.cache.retention = .none
        asked.tools = [.fixture()]
        let body = AnthropicCodec.fixture().json(of: asked)
        #expect(!body.text().contains("cache_control"))
        #expect(content(body) == "Document. Why?" && body["system"] == "Be brief.")
    }

    @Test func `With a blank end the text stays whole, and only the system prompt is marked`() {
        let body = AnthropicCodec.fixture().json(
            of: request("Document. \n", PromptCacheWish(sharedBytes: 9, keepsEnd: false)))
        #expect(content(body) == "Document. \n")
        #expect(body["system"]?.arrayValue?.first?["cache_control"] == Self.mark)
    }

    @Test func `Marks are four at the most`() {
        var asked = request()
        asked.messages = [.user("Earlier."), .assistant("Yes."), .user("Document. Why?")]
        asked.sharedMessages = 2
        asked.tools = [.fixture(), .fixture(name: "define")]
        let text = AnthropicCodec.fixture().json(of: asked).text()
        #expect(text.matches(of: #/cache_control/#).count == 4)
    }

    // MARK: OpenAI chat, for providers that pass marks on

    @Test func `MiniMax gets two texts with a mark on the first`() throws {
        let body = try JSON(
            parsing: OpenAIChatCodec.fixture(provider: "minimax").body(of: request(), streams: false))
        #expect(
            content(body) == [
                ["cache_control": Self.mark, "text": "Document. ", "type": "text"],
                ["text": "Why?", "type": "text"],
            ])
        #expect(!body.text().contains("prompt_cache"))
    }

    @Test(arguments: ["groq", "gemini", "together", "vllm", "deepseek", "mistral", "grok"])
    func `A provider without marks gets one text`(name: String) throws {
        let codec = OpenAIChatCodec.fixture(provider: ProviderName(name))
        let body = try JSON(parsing: codec.body(of: request(), streams: false))
        #expect(content(body) == "Document. Why?")
        #expect(!body.text().contains("cache_control"))
    }
}
