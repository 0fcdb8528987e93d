import NIOConcurrencyHelpers
import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

/// Where the other providers of the dialect depart from it.
@Suite struct ProviderQuirkTests {
    @Test func `Mistral sends the figures unasked and refuses to be asked for them`() throws {
        let body = try body(.fixture(maxTokens: 5), at: "mistral", streams: true)
        #expect(body["stream"] == true && body["stream_options"] == nil)
        #expect(body["max_tokens"] == 5)
    }

    @Test(arguments: [
        "openai", "deepseek", "grok", "openrouter", "zai", "groq", "gemini", "together", "vllm",
    ])
    func `A stream of the others is asked to end with the figures`(name: String) throws {
        #expect(try body(.fixture(), at: name, streams: true)["stream_options"] == ["include_usage": true])
    }

    @Test func `MiniMax is asked to keep the reasoning apart, unless the user says otherwise`() throws {
        #expect(try body(.fixture(), at: "minimax")["reasoning_split"] == true)
        let own = try body(.fixture(options: ["reasoning_split": false]), at: "minimax")
        #expect(own["reasoning_split"] == false)
        #expect(try body(.fixture(maxTokens: 9), at: "minimax")["max_completion_tokens"] == 9)
    }

    @Test func `MiniMax's whole answer becomes the events of a stream`() async throws {
        let answer =
            #"{"id":"1","model":"MiniMax-M3","choices":[{"message":{"content":"I look.","reasoning_content":"Hm.","#
            + #""tool_calls":[{"id":"c1","function":{"name":"lookup","arguments":"{\"word\":\"Paris\"}"}}]},"#
            + #""finish_reason":"tool_calls"}],"usage":{"prompt_tokens":9,"completion_tokens":4}}"#
        let events = NIOLockedValueBox<[CompletionEvent]>([])
        try await withServer([CannedServer.answer(answer)]) { server in
            let quirks = try #require(Catalogue.builtIn.provider("minimax")?.quirks)
            _ = try await withClient(server.url, provider: "minimax", quirks: quirks) { client in
                try await client.stream(.fixture()) { event in events.withLockedValue { $0.append(event) } }
            }
            #expect(server.requests.first?.contains(#""stream""#) == false)
        }
        let call = ToolCall(id: "c1", name: "lookup", arguments: .parsed(["word": "Paris"]))
        let told = events.withLockedValue { $0 }
        #expect(told.first == .reasoning("Hm.") && told.contains(.text("I look.")))
        #expect(
            told.suffix(3) == [
                .toolCallCompleted(call), .usage(Usage(inputUncached: 9, output: 4)), .finished(.toolCalls),
            ])
    }

    @Test func `LM Studio is asked for any object by the schema of one`() throws {
        let form = try body(.fixture(responseFormat: .jsonObject), at: "lmstudio")["response_format"]
        #expect(
            form == [
                "json_schema": ["name": "object", "schema": ["type": "object"], "strict": false],
                "type": "json_schema",
            ])
    }

    @Test(arguments: ["deepseek", "zai", "glm"])
    func `Who takes no schema is asked for an object`(name: String) throws {
        let format = ResponseFormat.jsonSchema(name: "city", schema: ["type": "object"], strict: false)
        let body = try body(.fixture(responseFormat: format), at: name)
        #expect(body["response_format"] == ["type": "json_object"])
        #expect(body["messages"]?.text().contains(#"JSON Schema:\n{\"type\":\"object\"}"#) == true)
    }

    @Test func `The word JSON is in the prompt whenever an object is asked for`() throws {
        let added = try body(.fixture(system: "Be brief.", responseFormat: .jsonObject), at: "openai")
        #expect(
            added["messages"]?.arrayValue?.first?["content"]
                == "Be brief.\n\nRespond with a valid JSON object.")
        let named = try body(.fixture(system: "Give me Json.", responseFormat: .jsonObject), at: "openai")
        #expect(named["messages"]?.arrayValue?.first?["content"] == "Give me Json.")
    }

    @Test func `The result of a tool that failed begins with the word`() throws {
        let results: [Message] = [
            Message(role: .tool, content: "no such word", toolCallID: "a", isError: true),
            Message(role: .tool, content: "Error 404", toolCallID: "b", isError: true),
            Message(role: .tool, content: "found", toolCallID: "c"),
        ]
        let messages = try body(.fixture(messages: results), at: "openai")["messages"]?.arrayValue
        #expect(messages?.map { $0["content"] } == ["Error: no such word", "Error 404", "found"])
    }

    @Test(arguments: ["mistral", "groq", "openai", "vllm", "gemini"])
    func `Who refuses earlier reasoning is not sent it`(name: String) throws {
        let body = try body(.fixture(messages: RequestScenario.transcript, tools: [.fixture()]), at: name)
        #expect(!body.text().contains("Two words, two calls."))
    }

    @Test(arguments: ["zai", "glm"])
    func `Z.ai's models get the reasoning of their calls back`(name: String) throws {
        let body = try body(.fixture(messages: RequestScenario.transcript, tools: [.fixture()]), at: name)
        #expect(body["messages"]?.arrayValue?[1]["reasoning_content"] == "Two words, two calls.")
    }

    @Test(
        arguments: [
            ("stop", .stop), ("eos", .stop), ("length", .length), ("model_length", .length),
            ("MAX_TOKENS", .length), ("function_call", .toolCalls), ("sensitive", .contentFilter),
            ("new_word", .other("new_word")),
        ] as [(String, FinishReason)])
    func `The providers' words for an end become one vocabulary`(word: String, reason: FinishReason) throws {
        let body = #"{"choices":[{"message":{"content":"Hi"},"finish_reason":"\#(word)"}]}"#
        let whole = try OpenAIChatCodec.fixture().completion(from: Array(body.utf8), for: .fixture())
        let chunk = #"data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"\#(word)"}]}"#
        let streamed = OpenAIChatCodec.fixture().read(pieces: [Array("\(chunk)\n\ndata: [DONE]\n\n".utf8)])
            .result
        #expect(whole.finishReason == reason)
        #expect(try streamed.get().finishReason == reason)
    }

    @Test(arguments: ["openrouter", "ollama"])
    func `Tools are asked for in words once they were refused`(name: String) throws {
        #expect(try Catalogue.builtIn.entry(ProviderName(name)).quirks.toolEmulation == .onRefusal)
    }

    private func body(_ request: CompletionRequest, at name: String, streams: Bool = false) throws -> JSON {
        let codec = Dialect.openAIChat.codec(provider: ProviderName(name))
        return try JSON(parsing: codec.body(of: request, streams: streams))
    }
}
