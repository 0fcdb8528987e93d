import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

@Suite struct ResponsesRequestTests {
    @Test func `A plain question is the model and one item, and nothing is kept`() throws {
        #expect(
            text(.fixture(), provider: "vllm")
                == #"{"input":[{"content":"Hello?","role":"user"}],"model":"asked-model","store":false}"#)
    }

    @Test func `The system prompt goes as instructions`() throws {
        let body = try body(.fixture(system: "Be brief."))
        #expect(body["instructions"] == "Be brief.")
        #expect(body["input"]?.arrayValue?.count == 1)
    }

    @Test func `A system message among the others keeps its place`() throws {
        let body = try body(.fixture(messages: [.user("a"), .system("Now in French."), .user("b")]))
        #expect(body["input"]?.arrayValue?[1] == ["content": "Now in French.", "role": "system"])
    }

    @Test func `A limit and a temperature go by their names, stop words are left out`() throws {
        let body = try body(.fixture(maxTokens: 50, temperature: 0.25, stop: ["END"]))
        #expect(body["max_output_tokens"] == 50 && body["temperature"] == 0.25)
        #expect(!body.text().contains("END"))
    }

    @Test func `A tool is written flat and takes schemas of any kind`() throws {
        let body = try body(.fixture(tools: [.fixture()], toolChoice: .named("lookup")))
        let tool = try #require(body["tools"]?.arrayValue?.first)
        #expect(tool["type"] == "function" && tool["name"] == "lookup" && tool["strict"] == false)
        #expect(tool["parameters"]?["required"] == ["word"])
        #expect(body["tool_choice"] == ["name": "lookup", "type": "function"])
    }

    @Test(arguments: [
        (ToolChoice.automatic, JSON?.none), (.none, "none"), (.required, "required"),
    ])
    func `A choice is a word, and the automatic one is left out`(choice: ToolChoice, expected: JSON?) throws {
        let body = try body(.fixture(tools: [.fixture()], toolChoice: choice))
        #expect(body["tool_choice"] == expected)
    }

    @Test func `A tool that failed says so in its output`() throws {
        let body = try body(.fixture(messages: RequestScenario.transcript))
        let items = try #require(body["input"]?.arrayValue)
        #expect(
            items.filter { $0["type"] == "function_call_output" } == [
                ["call_id": "call_a", "output": "the capital of France", "type": "function_call_output"],
                ["call_id": "call_b", "output": "Error: no such word", "type": "function_call_output"],
            ])
    }

    @Test func `A call's arguments go back as they came, and a turn that says nothing does not`() throws {
        let call = ToolCall(id: "call_1", name: "lookup", arguments: .invalid(raw: "{\"word\": "))
        let body = try body(
            .fixture(messages: [
                .user("a"), .assistant(""), Message(role: .assistant, content: "", toolCalls: [call]),
            ]))
        #expect(
            body["input"] == [
                ["content": "a", "role": "user"],
                [
                    "arguments": "{\"word\": ", "call_id": "call_1", "name": "lookup",
                    "type": "function_call",
                ],
            ])
    }

    @Test func `A schema stands in the text's format, beside what an option says of the text`() throws {
        let format = ResponseFormat.jsonSchema(name: "city", schema: ["type": "object"], strict: true)
        let agreed: JSON = [
            "name": "city", "schema": ["type": "object"], "strict": true, "type": "json_schema",
        ]
        #expect(try body(.fixture(responseFormat: format))["text"] == ["format": agreed])
        let wordy = CompletionRequest.fixture(
            responseFormat: format, options: ["text": ["verbosity": "low"]])
        let text = try #require(try body(wordy)["text"])
        #expect(text["format"] == agreed && text["verbosity"] == "low")
    }

    @Test func `JSON that no message speaks of is asked for among the input`() throws {
        let mute = try body(.fixture(system: "Answer in JSON.", responseFormat: .jsonObject))
        #expect(mute["text"] == ["format": ["type": "json_object"]])
        #expect(
            mute["input"]?.arrayValue?.first == [
                "content": "Respond with a valid JSON object.", "role": "system",
            ])
        let spoken = try body(
            .fixture(messages: [.user("Name a city as Json.")], responseFormat: .jsonObject))
        #expect(spoken["input"]?.arrayValue?.count == 1)
    }

    @Test(arguments: [
        ("o3", true), ("o4-mini-2025-04-16", true), ("gpt-5", true), ("gpt-5.6-sol", true),
        ("openai/gpt-5-mini", true), ("gpt-12", true), ("codex-mini-latest", true), ("gpt-4o", false),
        ("gpt-4.1-mini", false), ("gpt-5-chat-latest", false), ("chatgpt-4o-latest", false),
        ("gpt-oss-20b", false), ("omni-1", false), ("grok-4", false), ("", false),
    ])
    func `Sealed reasoning is asked of models that reason`(model: String, isAsked: Bool) throws {
        var request = CompletionRequest.fixture()
        request.model = ModelName(provider: "openai-responses", model: model)
        #expect(try body(request)["include"] == (isAsked ? ["reasoning.encrypted_content"] : nil))
    }

    @Test func `Sealed reasoning is not asked for answers that the provider keeps`() throws {
        let body = try body(.fixture(model: "openai-responses/gpt-5", options: ["store": true]))
        #expect(body["store"] == true && body["include"] == nil)
    }

    @Test func `OpenAI is told the cache's name, another provider is not`() throws {
        #expect(try body(.fixture())["prompt_cache_key"] != nil)
        #expect(try body(.fixture(), provider: "vllm")["prompt_cache_key"] == nil)
        var named = CompletionRequest.fixture()
        named.cacheKey = "batch-7"
        #expect(try body(named)["prompt_cache_key"] == "batch-7")
    }

    @Test func `Extra options win over what the request says`() throws {
        let request = CompletionRequest.fixture(
            maxTokens: 5, options: ["max_output_tokens": 9, "reasoning": ["effort": "low"]])
        let body = try body(request)
        #expect(body["max_output_tokens"] == 9 && body["reasoning"] == ["effort": "low"])
    }

    @Test func `The key is a Bearer token, and an API key brings nothing else along`() {
        let headers = ResponsesCodec.fixture().headers
        #expect(headers.map(\.name) == ["authorization"])
        #expect(headers.first?.value == "Bearer \(testKey)")
    }

    private func text(_ request: CompletionRequest, provider: ProviderName = "openai-responses") -> String {
        String(decoding: ResponsesCodec.fixture(provider).body(of: request, streams: false), as: UTF8.self)
    }

    private func body(_ request: CompletionRequest, provider: ProviderName = "openai-responses") throws
        -> JSON
    {
        try JSON(parsing: text(request, provider: provider))
    }
}

extension ResponsesCodec {
    static func fixture(_ provider: ProviderName = "openai-responses") -> ResponsesCodec {
        ResponsesCodec(context: .fixture(provider: provider))
    }
}
