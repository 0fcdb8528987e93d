import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

@Suite struct RequestBodyTests {
    @Test func `A plain question is the model and one message`() {
        #expect(
            body(.fixture())
                == #"{"messages":[{"content":"Hello?","role":"user"}],"model":"asked-model"}"#)
    }

    @Test func `The system prompt comes first`() {
        #expect(
            body(.fixture(system: "Be brief.")).hasPrefix(
                #"{"messages":[{"content":"Be brief.","role":"system"},{"content":"Hello?","role":"user"}],"#)
        )
    }

    @Test func `A streamed request asks for the usage`() {
        let text = body(.fixture(), streams: true)
        #expect(
            text.hasSuffix(#""model":"asked-model","stream":true,"stream_options":{"include_usage":true}}"#))
    }

    @Test func `Limits, temperature and stop words go by their names`() {
        let text = body(.fixture(maxTokens: 50, temperature: 0.2, stop: ["END"]))
        #expect(text.hasPrefix(#"{"max_tokens":50,"messages""#))
        #expect(text.hasSuffix(#""model":"asked-model","stop":["END"],"temperature":0.2}"#))
    }

    @Test func `OpenAI itself is told max_completion_tokens, another host max_tokens`() throws {
        let entry = try Catalogue.builtIn.entry("openai")
        let own = try OpenAIChatCodec(
            account: ProviderAccount(entry: entry, environment: ["OPENAI_API_KEY": "k"]))
        let other = try OpenAIChatCodec(
            account: ProviderAccount(
                entry: entry,
                environment: ["OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://127.0.0.1:4000"]))
        #expect(
            String(decoding: own.body(of: .fixture(maxTokens: 5), streams: false), as: UTF8.self).contains(
                #""max_completion_tokens":5"#))
        #expect(
            String(decoding: other.body(of: .fixture(maxTokens: 5), streams: false), as: UTF8.self).contains(
                #""max_tokens":5"#))
    }

    @Test func `Tools and a named choice are sent in OpenAI's form`() {
        let text = body(.fixture(tools: [.fixture()], toolChoice: .named("lookup")))
        #expect(
            text.contains(
                #""tool_choice":{"function":{"name":"lookup"},"type":"function"},"tools":[{"function":"#
                    + #"{"description":"Looks a word up.","name":"lookup","parameters":{"properties":{"word":"#
                    + #"{"type":"string"}},"required":["word"],"type":"object"}},"type":"function"}]"#))
    }

    @Test(arguments: [
        (ToolChoice.automatic, nil), (.none, #""tool_choice":"none""#),
        (.required, #""tool_choice":"required""#),
    ])
    func `A choice is a word, and the automatic one is left out`(choice: ToolChoice, expected: String?) {
        let text = body(.fixture(tools: [.fixture()], toolChoice: choice))
        #expect(expected.map { text.contains($0) } ?? !text.contains("tool_choice"))
    }

    @Test func `A choice without tools is not sent`() {
        #expect(!body(.fixture(toolChoice: .required)).contains("tool_choice"))
    }

    @Test func `A tool's call and its result go back as they came`() {
        let call = ToolCall(id: "call_1", name: "lookup", arguments: .invalid(raw: "{\"word\": "))
        let text = body(
            .fixture(messages: [
                .user("Look it up."), Message(role: .assistant, content: "", toolCalls: [call]),
                Message(role: .tool, content: "a word", toolCallID: "call_1"),
            ]))
        #expect(
            text.contains(
                #"{"content":null,"role":"assistant","tool_calls":[{"function":{"arguments":"{\"word\": ","name":"#
                    + #""lookup"},"id":"call_1","type":"function"}]},{"content":"a word","role":"tool","#
                    + #""tool_call_id":"call_1"}"#))
    }

    @Test func `An assistant's turn that says nothing is dropped`() {
        let text = body(.fixture(messages: [.user("a"), .assistant(""), .user("b")]))
        #expect(!text.contains("assistant"))
    }

    @Test func `The reasoning of earlier turns is not sent back`() {
        let turn = Message(role: .assistant, content: "Yes.", reasoning: "because")
        #expect(!body(.fixture(messages: [.user("a"), turn, .user("b")])).contains("because"))
    }

    @Test func `A schema is asked for with its name and strictness`() {
        let text = body(
            .fixture(responseFormat: .jsonSchema(name: "city", schema: ["type": "object"], strict: true)))
        #expect(
            text.contains(
                #""response_format":{"json_schema":{"name":"city","schema":{"type":"object"},"strict":true},"#
                    + #""type":"json_schema"}"#))
        #expect(
            body(.fixture(responseFormat: .jsonObject)).contains(#""response_format":{"type":"json_object"}"#)
        )
    }

    @Test func `JSON by prompt is asked for in the system prompt`() {
        let added = body(.fixture(system: "Be brief.", responseFormat: .jsonByPrompt))
        #expect(added.contains(#""Be brief.\n\nRespond with a valid JSON object.""#))
        let alone = body(.fixture(responseFormat: .jsonByPrompt))
        #expect(alone.contains(#"{"content":"Respond with a valid JSON object.","role":"system"}"#))
    }

    @Test func `Extra options win over what the request says`() {
        let text = body(.fixture(temperature: 1, options: ["temperature": 0.5, "seed": 7, "user": "u"]))
        #expect(
            text == #"{"messages":[{"content":"Hello?","role":"user"}],"model":"asked-model","seed":7,"#
                + #""temperature":0.5,"user":"u"}"#)
    }

    @Test func `The same request makes the same bytes, whatever the order of its options`() {
        let one = body(.fixture(options: ["b": 1, "a": ["y": 1, "x": 2]]))
        let two = body(.fixture(options: ["a": ["x": 2, "y": 1], "b": 1]))
        #expect(one == two)
    }

    @Test func `No key stands in the body`() {
        #expect(!body(.fixture(idempotencyKey: "idem-1")).contains("idem-1"))
    }

    private func body(_ request: CompletionRequest, streams: Bool = false) -> String {
        let bytes = OpenAIChatCodec.fixture().body(of: request, streams: streams)
        return String(decoding: bytes, as: UTF8.self)
    }
}
