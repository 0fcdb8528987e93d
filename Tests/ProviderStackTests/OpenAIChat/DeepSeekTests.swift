import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

/// Where DeepSeek departs from the dialect (its guides to tool calls, JSON output and the thinking mode).
@Suite struct DeepSeekTests {
    @Test func `Strict tools go to the beta path, and then all of them are strict`() async throws {
        let tools: [ToolDefinition] = [.fixture(), .strictFixture]
        let request = try await sent(.fixture(tools: tools), environment: [:])
        #expect(request.hasPrefix("POST /beta/chat/completions HTTP/1.1\r\n"))
        #expect(request.components(of: #""strict":true"#) == 2)
    }

    @Test func `Other requests go to the usual path`() async throws {
        let request = try await sent(.fixture(tools: [.fixture()]), environment: [:])
        #expect(request.hasPrefix("POST /chat/completions HTTP/1.1\r\n"))
        #expect(!request.contains("strict"))
    }

    @Test func `An address with a path of its own is used as it is`() throws {
        let account = try Catalogue.builtIn.account(
            "deepseek",
            environment: ["DEEPSEEK_API_KEY": "k", "DEEPSEEK_BASE_URL": "https://api.deepseek.com/beta"])
        let codec = OpenAIChatCodec(account: account)
        #expect(codec.path(for: .fixture(tools: [.strictFixture])) == "/chat/completions")
    }

    @Test func `At other providers a strict tool is just marked`() throws {
        let codec = OpenAIChatCodec.fixture()
        #expect(codec.path(for: .fixture(tools: [.strictFixture])) == codec.path)
        let body = try JSON(
            parsing: codec.body(of: .fixture(tools: [.fixture(), .strictFixture]), streams: false))
        #expect(body["tools"]?.arrayValue?.map { $0["function"]?["strict"] } == [nil, true])
    }

    @Test func `A schema is put into the prompt, because only any object can be asked for`() throws {
        let schema: JSON = [
            "type": "object", "properties": ["b": ["type": "string"], "a": ["type": "string"]],
        ]
        let body = try json(
            .fixture(
                system: "Be brief.", responseFormat: .jsonSchema(name: "city", schema: schema, strict: true)))
        #expect(body["response_format"] == ["type": "json_object"])
        #expect(
            body["messages"]?.arrayValue?.first?["content"]
                == .string(
                    "Be brief.\n\nRespond with a valid JSON object that follows this JSON Schema:\n"
                        + #"{"properties":{"a":{"type":"string"},"b":{"type":"string"}},"type":"object"}"#))
    }

    @Test func `With tools the reasoning of all earlier turns goes back, an empty one with its calls too`()
        throws
    {
        let messages: [Message] = [
            .user("a"), Message(role: .assistant, content: "b", reasoning: "thought b"), .user("c"),
            Message(role: .assistant, content: "", reasoning: "thought d", toolCalls: [.fixture("d")]),
            Message(role: .tool, content: "e", toolCallID: "d"),
            Message(role: .assistant, content: "", toolCalls: [.fixture("f")]),
            Message(role: .tool, content: "g", toolCallID: "f"), .assistant("h"), .user("i"),
        ]
        let body = try json(.fixture(messages: messages, tools: [.fixture()]))
        #expect(
            body["messages"]?.arrayValue?.map { $0["reasoning_content"] } == [
                nil, "thought b", nil, "thought d", nil, "", nil, nil, nil,
            ])
    }

    @Test func `Without tools the reasoning of earlier turns is not sent back`() throws {
        let turn = Message(role: .assistant, content: "Yes.", reasoning: "because")
        let body = try json(.fixture(messages: [.user("a"), turn, .user("b")]))
        #expect(body["messages"]?.arrayValue?.allSatisfy { $0["reasoning_content"] == nil } == true)
    }

    private func json(_ request: CompletionRequest) throws -> JSON {
        try JSON(
            parsing: OpenAIChatCodec.fixture(provider: "deepseek").body(of: request, streams: false))
    }

    /// What is sent to a server that stands in for DeepSeek.
    private func sent(_ request: CompletionRequest, environment: [String: String]) async throws -> String {
        let hello = #"{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}"#
        return try await withServer([CannedServer.answer(hello)]) { server in
            let quirks = Catalogue.builtIn.provider("deepseek")?.quirks ?? .init()
            _ = try await withClient(server.url, provider: "deepseek", quirks: quirks) {
                try await $0.complete(request)
            }
            return try #require(server.requests.first)
        }
    }
}

extension ToolDefinition {
    static let strictFixture: ToolDefinition = {
        var tool = ToolDefinition.fixture(name: "strict_lookup")
        tool.isStrict = true
        return tool
    }()
}

extension ToolCall {
    static func fixture(_ id: String) -> ToolCall {
        ToolCall(id: id, name: "lookup", arguments: .parsed(["word": "Paris"]))
    }
}

extension String {
    /// How often a text stands in it.
    fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}
