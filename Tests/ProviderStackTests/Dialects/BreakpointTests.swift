import OrderedCollections
import ParleyCore
import Testing

@testable import ProviderStack

/// What OpenAI is told of its cache from GPT-5.6 on, and what it is not.
@Suite struct BreakpointTests {
    private static let explicit: JSON = ["mode": "explicit"]

    private func request(
        model: String = "openai/gpt-5.6-mini",
        _ cache: PromptCacheWish = PromptCacheWish(sharedBytes: 10, keepsEnd: false)
    ) -> CompletionRequest {
        var request = CompletionRequest.fixture(
            model: model, system: "Be brief.", messages: [.user("Document. Why?")], tools: [.fixture()])
        request.cache = cache
        return request
    }

    private func chat(_ request: CompletionRequest, at name: ProviderName = "openai") throws -> JSON {
        try JSON(parsing: OpenAIChatCodec.fixture(provider: name).body(of: request, streams: false))
    }

    private func responses(
        _ request: CompletionRequest, at name: ProviderName = "openai-responses"
    ) throws -> JSON {
        try JSON(parsing: ResponsesCodec.fixture(name).body(of: request, streams: false))
    }

    private func text(_ text: String, type: String = "text", isMarked: Bool) -> JSON {
        isMarked
            ? ["prompt_cache_breakpoint": Self.explicit, "text": .string(text), "type": .string(type)]
            : ["text": .string(text), "type": .string(type)]
    }

    // MARK: Chat

    @Test
    func `In chat the system prompt and the shared beginning end with breakpoints, and a job has no others`()
        throws
    {
        let body = try chat(request())
        let messages = try #require(body["messages"]?.arrayValue)
        #expect(messages[0]["content"] == [text("Be brief.", isMarked: true)])
        #expect(
            messages[1]["content"] == [text("Document. ", isMarked: true), text("Why?", isMarked: false)])
        #expect(body["prompt_cache_options"] == Self.explicit)
        #expect(body["prompt_cache_key"]?.stringValue?.hasPrefix("parley-") == true)
        // Only texts can have one.
        #expect(body["tools"]?.text().contains("breakpoint") == false)
    }

    @Test func `A conversation's newest message is kept as well`() throws {
        let body = try chat(request(PromptCacheWish()))
        #expect(body["prompt_cache_options"] == nil)
        #expect(
            body["messages"]?.arrayValue?.first?["content"] == [text("Be brief.", isMarked: true)])
    }

    @Test func `What is never asked for again is not written, and has no key`() throws {
        let body = try chat(request(PromptCacheWish(retention: .none, keepsEnd: false)))
        #expect(!body.text().contains("breakpoint") && body["prompt_cache_key"] == nil)
        #expect(body["prompt_cache_options"] == Self.explicit)
    }

    @Test(arguments: ["openai/gpt-5.4", "openai/gpt-4o", "openai/o3", "openai/gpt-oss-20b"])
    func `An older model is told a key and nothing else`(model: String) throws {
        let body = try chat(request(model: model))
        #expect(!body.text().contains("breakpoint") && body["prompt_cache_options"] == nil)
        #expect(body["prompt_cache_key"] != nil)
        #expect(body["messages"]?.arrayValue?.last?["content"] == "Document. Why?")
    }

    @Test(arguments: ["openrouter", "groq", "vllm", "grok"])
    func `Behind another provider a model has no breakpoints`(name: String) throws {
        let body = try chat(request(model: "\(name)/openai/gpt-5.6"), at: ProviderName(name)).text()
        #expect(!body.contains("prompt_cache"))
    }

    @Test func `The request's own options win`() throws {
        var asked = request()
        asked.options = ["prompt_cache_options": ["mode": "implicit"]]
        let body = try chat(asked)
        #expect(body["prompt_cache_options"] == ["mode": "implicit"])
        #expect(!body.text().contains("breakpoint"))
    }

    // MARK: Responses

    @Test func `In Responses the system prompt becomes an input with a breakpoint`() throws {
        let body = try responses(request(model: "openai-responses/gpt-5.6"))
        let part = "input_text"
        #expect(
            body["input"] == [
                ["content": [text("Be brief.", type: part, isMarked: true)], "role": "system"],
                [
                    "content": [
                        text("Document. ", type: part, isMarked: true),
                        text("Why?", type: part, isMarked: false),
                    ], "role": "user",
                ],
            ])
        #expect(body["instructions"] == nil && body["prompt_cache_options"] == Self.explicit)
    }

    @Test func `In Responses a conversation, and an older model, keep their instructions`() throws {
        for asked in [
            request(model: "openai-responses/gpt-5.6", PromptCacheWish()),
            request(model: "openai-responses/gpt-5.4"),
        ] {
            let body = try responses(asked)
            #expect(body["instructions"] == "Be brief." && body["prompt_cache_options"] == nil)
            #expect(body["input"] == [["content": "Document. Why?", "role": "user"]])
        }
    }

    @Test func `In Responses what is never asked for again has neither breakpoint nor key`() throws {
        let body = try responses(
            request(model: "openai-responses/gpt-5.6", PromptCacheWish(retention: .none, keepsEnd: false)))
        #expect(!body.text().contains("breakpoint") && body["prompt_cache_key"] == nil)
        #expect(body["prompt_cache_options"] == Self.explicit && body["instructions"] == "Be brief.")
    }

    @Test func `Codex refuses breakpoints and their options, and gets none`() throws {
        let body = try responses(request(model: "codex/gpt-5.6-codex"), at: "codex")
        #expect(!body.text().contains("breakpoint") && body["prompt_cache_options"] == nil)
        #expect(body["instructions"] == "Be brief." && body["prompt_cache_key"] != nil)
    }

    @Test func `Another server of the dialect is told nothing`() throws {
        let body = try responses(request(model: "vllm/gpt-5.6"), at: "vllm")
        #expect(!body.text().contains("prompt_cache"))
    }
}
