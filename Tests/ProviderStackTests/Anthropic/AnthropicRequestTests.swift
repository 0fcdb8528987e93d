import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

@Suite struct AnthropicRequestTests {
    @Test func `A length is always given, because the dialect insists on one`() {
        #expect(json(.fixture())["max_tokens"] == .int(AnthropicCodec.maxTokensDefault))
        #expect(json(.fixture(maxTokens: 5))["max_tokens"] == 5)
    }

    @Test func `A budget for thinking comes on top of the usual length`() {
        let thinking: JSON = ["type": "enabled", "budget_tokens": 10_000]
        let body = json(.fixture(options: ["thinking": thinking]))
        #expect(body["max_tokens"] == .int(AnthropicCodec.maxTokensDefault + 10_000))
        #expect(sorted(body["thinking"]) == sorted(thinking))
        #expect(json(.fixture(maxTokens: 20_000, options: ["thinking": thinking]))["max_tokens"] == 20_000)
    }

    @Test func `The request's own options win`() {
        let body = json(.fixture(maxTokens: 5, temperature: 1, options: ["max_tokens": 7, "top_k": 3]))
        #expect(body["max_tokens"] == 7 && body["top_k"] == 3 && body["temperature"] == 1)
    }

    @Test func `Stop words go by the dialect's name`() {
        #expect(json(.fixture(stop: ["END"]))["stop_sequences"] == ["END"])
        #expect(json(.fixture())["stop_sequences"] == nil)
    }

    @Test(arguments: [
        (ToolChoice.automatic, nil as String?), (.none, #"{"type":"none"}"#), (.required, #"{"type":"any"}"#),
        (.named("lookup"), #"{"name":"lookup","type":"tool"}"#),
    ])
    func `A choice of tools is an object, and the automatic one is left out`(
        choice: ToolChoice, expected: String?
    ) {
        #expect(
            sorted(json(.fixture(tools: [.fixture()], toolChoice: choice))["tool_choice"]) == expected)
        #expect(json(.fixture(toolChoice: choice))["tool_choice"] == nil)
    }

    @Test func `A tool's schema always names its type`() {
        let tool = ToolDefinition(name: "now", summary: "", parameters: [:])
        #expect(
            AnthropicCodec.fixture(provider: "kimi").json(of: .fixture(tools: [tool]))["tools"]
                == [["input_schema": ["type": "object"], "name": "now"]])
    }

    @Test func `A schema is asked for in output_config`() {
        let body = json(.fixture(responseFormat: city))
        #expect(
            sorted(body["output_config"])
                == sorted([
                    "format": [
                        "type": "json_schema", "schema": ["type": "object", "additionalProperties": false],
                    ]
                ]))
    }

    @Test func `An effort among the options does not push the schema out`() {
        let body = json(.fixture(responseFormat: city, options: ["output_config": ["effort": "low"]]))
        #expect(body["output_config"]?["effort"] == "low")
        #expect(body["output_config"]?["format"]?["type"] == "json_schema")
        let own = json(.fixture(responseFormat: city, options: ["output_config": ["format": nil]]))
        #expect(own["output_config"]?["format"] == .null)
    }

    @Test(arguments: [ResponseFormat.jsonObject, .jsonByPrompt])
    func `Any JSON object is asked for in the system prompt`(format: ResponseFormat) {
        let body = AnthropicCodec.fixture(provider: "kimi").json(
            of: .fixture(system: "Be brief.", responseFormat: format))
        #expect(body["system"] == "Be brief.\n\nRespond with a valid JSON object.")
        #expect(body["output_config"] == nil)
    }

    @Test func `The same request makes the same bytes, whatever the order of its options`() {
        let codec = AnthropicCodec.fixture()
        let one = codec.body(of: .fixture(options: ["b": 1, "a": ["y": 1, "x": 2]]), streams: true)
        let two = codec.body(of: .fixture(options: ["a": ["x": 2, "y": 1], "b": 1]), streams: true)
        #expect(one == two)
    }

    @Test func `The ends of tools, system prompt and shared messages are marked`() {
        var request = CompletionRequest.fixture(
            system: "Be brief.", messages: [.user("A document."), .user("A question.")],
            tools: [.fixture(), .fixture(name: "define")])
        request.sharedMessages = 1
        let body = json(request)
        let tools = body["tools"]?.arrayValue ?? []
        #expect(tools.map { $0["cache_control"] } == [nil, ["type": "ephemeral"]])
        #expect(
            sorted(body["system"])
                == sorted([["type": "text", "text": "Be brief.", "cache_control": ["type": "ephemeral"]]]))
        #expect(
            sorted(body["messages"]?.arrayValue?.first?["content"])
                == sorted([
                    ["type": "text", "text": "A document.", "cache_control": ["type": "ephemeral"]],
                    ["type": "text", "text": "A question."],
                ]))
    }

    @Test func `There are never more marks than the four that are allowed`() {
        var request = CompletionRequest.fixture(
            system: "One.", messages: RequestScenario.transcript + [.system("Two."), .user("Three?")],
            tools: [.fixture(), .fixture(name: "define")])
        for shared in 0...request.messages.count {
            request.sharedMessages = shared
            let marks = json(request).text().split(separator: "cache_control").count - 1
            #expect((2...3).contains(marks))
        }
    }

    @Test func `Thinking cannot be marked, the call after it can`() throws {
        let thinking: JSON = ["type": "thinking", "thinking": "Hm.", "signature": "c2ln"]
        let call: JSON = ["type": "tool_use", "id": "toolu_1", "name": "lookup", "input": [:]]
        let answer = try AnthropicCodec.fixture().completion(content: [call, thinking]).message
        var request = CompletionRequest.fixture(messages: [.user("a"), answer, .result("b", of: "toolu_1")])
        request.sharedMessages = 2
        let blocks = json(request)["messages"]?.arrayValue?[1]["content"]?.arrayValue ?? []
        #expect(blocks.map { $0["cache_control"] != nil } == [true, false])
    }

    @Test func `A provider of the dialect that has no marks is sent none`() {
        var request = CompletionRequest.fixture(model: "kimi/kimi-for-coding", system: "Be brief.")
        request.sharedMessages = 1
        let body = AnthropicCodec.fixture(provider: "kimi").json(of: request)
        #expect(!body.text().contains("cache_control"))
    }

    private let city = ResponseFormat.jsonSchema(
        name: "city", schema: ["type": "object", "additionalProperties": false],
        strict: true)

    private func json(_ request: CompletionRequest) -> JSON { AnthropicCodec.fixture().json(of: request) }

    private func sorted(_ json: JSON?) -> String? { json?.text(sortsKeys: true) }
}
