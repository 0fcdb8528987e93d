import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

@Suite struct OllamaRequestTests {
    @Test(arguments: [true, false])
    func `Whether it streams is always said, because Ollama streams by default`(streams: Bool) throws {
        let body = try json(.fixture(), streams: streams)
        #expect(body["stream"] == .bool(streams))
    }

    @Test func `The system prompt is the first message`() throws {
        let messages = try json(.fixture(system: "Be brief."))["messages"]?.arrayValue
        #expect(
            messages == [
                ["content": "Be brief.", "role": "system"], ["content": "Hello?", "role": "user"],
            ])
    }

    @Test func `Limits, temperature and stop words stand in the options under Ollama's names`() throws {
        let body = try json(.fixture(maxTokens: 50, temperature: 0.25, stop: ["END"]))
        #expect(body["options"] == ["num_predict": 50, "stop": ["END"], "temperature": 0.25])
        #expect(body["temperature"] == nil && body["max_tokens"] == nil && body["stop"] == nil)
    }

    @Test func `A request without settings has no options`() throws {
        #expect(try json(.fixture())["options"] == nil)
    }

    @Test func `The model's options of a user go into the options, all others beside them`() throws {
        let body = try json(
            .fixture(options: [
                "num_ctx": 8192, "keep_alive": "10m", "top_k": 40, "think": "high", "seed": 7,
                "truncate": false, "unheard_of": 1,
            ]))
        #expect(body["options"] == ["num_ctx": 8192, "seed": 7, "top_k": 40])
        #expect(body["keep_alive"] == "10m" && body["think"] == "high" && body["truncate"] == false)
        #expect(body["unheard_of"] == 1)
    }

    @Test func `A user's options win over the request's own`() throws {
        let body = try json(
            .fixture(
                maxTokens: 50, temperature: 1, responseFormat: .jsonObject,
                options: [
                    "temperature": 0, "options": ["num_predict": -1, "numa": true],
                    "format": ["type": "array"],
                ]
            ))
        #expect(body["options"] == ["num_predict": -1, "numa": true, "temperature": 0])
        #expect(body["format"] == ["type": "array"])
    }

    @Test func `A schema is the format itself`() throws {
        let schema: JSON = ["properties": ["name": ["type": "string"]], "type": "object"]
        let body = try json(.fixture(responseFormat: .jsonSchema(name: "city", schema: schema, strict: true)))
        #expect(body["format"] == schema)
    }

    @Test func `Any JSON is a format by name, and the prompt says it too`() throws {
        let body = try json(.fixture(responseFormat: .jsonObject))
        #expect(body["format"] == "json")
        #expect(body["messages"]?.arrayValue?.first?["content"] == "Respond with a valid JSON object.")
    }

    @Test func `JSON by prompt has no format`() throws {
        let body = try json(.fixture(responseFormat: .jsonByPrompt))
        #expect(body["format"] == nil)
        #expect(body["messages"]?.arrayValue?.first?["content"] == "Respond with a valid JSON object.")
    }

    @Test(arguments: [
        (ToolChoice.automatic, ["lookup", "define"]), (.required, ["lookup", "define"]),
        (.named("define"), ["define"]), (.none, []),
    ])
    func `The choice of tools is made by offering them`(choice: ToolChoice, offered: [String]) throws {
        let body = try json(.fixture(tools: [.fixture(), .fixture(name: "define")], toolChoice: choice))
        let names = body["tools"]?.arrayValue?.compactMap { $0["function"]?["name"]?.stringValue }
        #expect(names ?? [] == offered)
        #expect(body["tool_choice"] == nil)
    }

    @Test func `A call's arguments go back as an object, unreadable ones as an empty one`() throws {
        let turn = Message(
            role: .assistant, content: "",
            toolCalls: [
                ToolCall(id: "a", name: "lookup", arguments: .parsed(["word": "Paris"])),
                ToolCall(
                    id: "b", name: "lookup", arguments: .repaired(["word": "Ro"], raw: #"{"word": "Ro"#)),
                ToolCall(id: "c", name: "lookup", arguments: .invalid(raw: "no object")),
            ])
        let calls = try json(.fixture(messages: [.user("Look."), turn]))["messages"]?.arrayValue?.last?[
            "tool_calls"]
        #expect(
            calls?.arrayValue?.map { $0["function"]?["arguments"] } == [
                ["word": "Paris"], ["word": "Ro"], [:],
            ])
    }

    @Test func `A result names the tool that its call named`() throws {
        let messages = try json(.fixture(messages: RequestScenario.transcript))["messages"]?.arrayValue ?? []
        let results = messages.filter { $0["role"] == "tool" }
        #expect(results.map { $0["tool_name"] } == ["lookup", "lookup"])
        #expect(results.map { $0["tool_call_id"] } == ["call_a", "call_b"])
    }

    @Test func `A result without a call has no name`() throws {
        let lost = Message(role: .tool, content: "found", toolCallID: "lost")
        let result = try json(.fixture(messages: [.user("?"), lost]))["messages"]?.arrayValue?.last
        #expect(result == ["content": "found", "role": "tool", "tool_call_id": "lost"])
    }

    @Test func `The result of a tool that failed begins with the word`() throws {
        let messages = try json(.fixture(messages: RequestScenario.transcript))["messages"]?.arrayValue ?? []
        let texts = messages.map { $0["content"] }
        #expect(texts.contains("Error: no such word"))
    }

    @Test func `Reasoning goes back with the calls that came of it and with nothing else`() throws {
        var turns = RequestScenario.transcript
        turns[5].reasoning = "Say it."
        let messages = try json(.fixture(messages: turns))["messages"]?.arrayValue ?? []
        #expect(messages.compactMap { $0["thinking"] } == ["Two words, two calls."])
    }

    @Test func `An assistant's turn that says nothing is dropped`() throws {
        let messages = try json(.fixture(messages: [.user("a"), .assistant(""), .user("b")]))["messages"]
        #expect(messages?.arrayValue?.count == 2)
    }

    @Test func `The members stand in the order of their names`() {
        let text = String(
            decoding: OllamaCodec.fixture.body(
                of: .fixture(temperature: 1, options: ["zeta": 1, "num_ctx": 1, "alpha": 1]), streams: true),
            as: UTF8.self)
        #expect(
            text == #"{"alpha":1,"messages":[{"content":"Hello?","role":"user"}],"model":"asked-model","#
                + #""options":{"num_ctx":1,"temperature":1},"stream":true,"zeta":1}"#)
    }

    private func json(_ request: CompletionRequest, streams: Bool = false) throws -> JSON {
        try JSON(parsing: OllamaCodec.fixture.body(of: request, streams: streams))
    }
}

extension OllamaCodec {
    static let fixture = OllamaCodec(context: .fixture(provider: "ollama"))
}
