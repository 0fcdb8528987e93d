import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

/// How the shared beginning of a prompt is told to the providers of the dialect.
@Suite struct CacheHintTests {
    private let shared: CompletionRequest = {
        var request = CompletionRequest.fixture(
            system: "A long system prompt.", messages: [.user("A long document."), .user("One question.")],
            tools: [.fixture(), .fixture(name: "define")])
        request.sharedMessages = 1
        return request
    }()

    @Test(arguments: ["openai", "mistral"])
    func `OpenAI and Mistral are told a key that is the same for another question`(name: String) throws {
        var other = shared
        other.messages[1] = .user("Another question.")
        let key = try #require(try body(shared, at: name)["prompt_cache_key"]?.stringValue)
        #expect(key.hasPrefix("parley-"))
        #expect(try body(other, at: name)["prompt_cache_key"]?.stringValue == key)
    }

    @Test func `A request that shares nothing has no key`() throws {
        #expect(try body(.fixture(), at: "openai")["prompt_cache_key"] == nil)
    }

    @Test func `A user's own key wins`() throws {
        var request = shared
        request.options = ["prompt_cache_key": "mine"]
        #expect(try body(request, at: "openai")["prompt_cache_key"] == "mine")
    }

    @Test func `Another server behind the user's address is told no key`() throws {
        let account = try Catalogue.builtIn.account(
            "openai", environment: ["OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://127.0.0.1:4000/v1"])
        let text = String(
            decoding: OpenAIChatCodec(account: account).body(of: shared, streams: false), as: UTF8.self)
        #expect(!text.contains("prompt_cache_key"))
    }

    @Test func `A way to OpenAI behind the user's address is told the key of OpenAI's own models`() throws {
        let account = try Catalogue.builtIn.account(
            "openai", environment: ["OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://127.0.0.1:4000/v1"])
        var request = shared
        for (model, isTold) in [
            ("gpt-5", true), ("o3", true), ("llama-3", false), ("claude-sonnet-5", false),
        ] {
            request.model = ModelName(provider: "openai", model: model)
            let text = String(
                decoding: OpenAIChatCodec(account: account).body(of: request, streams: false), as: UTF8.self)
            #expect(text.contains("prompt_cache_key") == isTold, "\(model)")
        }
    }

    @Test(arguments: [
        "groq", "gemini", "together", "vllm", "llama.cpp", "lmstudio", "deepseek", "openrouter",
    ])
    func `The others are told nothing`(name: String) throws {
        let codec = try codec(name)
        let text = String(decoding: codec.body(of: shared, streams: false), as: UTF8.self)
        #expect(!text.contains("prompt_cache_key") && !text.contains("cache_control"))
        #expect(codec.headers(for: shared).isEmpty)
    }

    @Test(arguments: ["grok", "xai"])
    func `xAI is told the conversation in a header, the same for another question`(name: String) throws {
        let codec = try codec(name)
        var other = shared
        other.messages[1] = .user("Another question.")
        let header = try #require(codec.headers(for: shared).first)
        #expect(header.name == "x-grok-conv-id" && header.value.hasPrefix("parley-"))
        #expect(codec.headers(for: other).first?.value == header.value)
        #expect(codec.headers(for: .fixture()).isEmpty)
        other.cacheKey = "conversation-7"
        #expect(codec.headers(for: other).first?.value == "conversation-7")
    }

    @Test func `xAI's header is on the request`() async throws {
        let hello = #"{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}"#
        try await withServer([CannedServer.answer(hello)]) { server in
            let quirks = try #require(Catalogue.builtIn.provider("grok")?.quirks)
            _ = try await withClient(server.url, provider: "grok", quirks: quirks) {
                try await $0.complete(shared)
            }
            #expect(server.requests.first?.contains("\r\nx-grok-conv-id: parley-") == true)
        }
    }

    @Test(arguments: ["minimax", "zai", "glm"])
    func `MiniMax and Z.ai get a mark at the end of each stable part`(name: String) throws {
        try expectMarks(try body(shared, at: name))
    }

    @Test func `A Claude at OpenRouter gets the marks, another model none`() throws {
        var request = shared
        request.model = ModelName("openrouter/anthropic/claude-sonnet-5")!
        try expectMarks(try body(request, at: "openrouter"))
        request.model = ModelName("openrouter/openai/gpt-6")!
        #expect(!(try body(request, at: "openrouter").text()).contains("cache_control"))
    }

    @Test func `A tool's result is no place for a mark`() throws {
        var request = CompletionRequest.fixture(messages: RequestScenario.transcript)
        request.sharedMessages = 4
        let messages = try body(request, at: "minimax")["messages"]?.arrayValue ?? []
        #expect(messages[1]["content"]?.arrayValue?.first?["cache_control"] == ["type": "ephemeral"])
        #expect(messages[2]["content"]?.stringValue != nil && messages[3]["content"]?.stringValue != nil)
    }

    private func expectMarks(_ body: JSON) throws {
        let mark: JSON = ["type": "ephemeral"]
        #expect(body["tools"]?.arrayValue?.map { $0["cache_control"] } == [nil, mark])
        let messages = try #require(body["messages"]?.arrayValue)
        #expect(
            messages[0]["content"] == [
                ["cache_control": mark, "text": "A long system prompt.", "type": "text"]
            ])
        #expect(
            messages[1]["content"] == [["cache_control": mark, "text": "A long document.", "type": "text"]])
        #expect(messages[2]["content"] == "One question.")
    }

    private func codec(_ name: String) throws -> OpenAIChatCodec {
        let entry = try Catalogue.builtIn.entry(ProviderName(name))
        return OpenAIChatCodec(
            account: ProviderAccount(entry: entry, key: Secret(testKey), baseURL: try BaseURL(entry.baseURL)))
    }

    private func body(_ request: CompletionRequest, at name: String) throws -> JSON {
        try JSON(parsing: try codec(name).body(of: request, streams: false))
    }
}
