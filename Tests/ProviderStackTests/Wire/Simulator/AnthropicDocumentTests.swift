import NIOHTTP1
import OrderedCollections
import ParleyCore
import ProviderSimulator
import Testing

/// What the simulator says on the wire where it speaks Anthropic's language.
@Suite struct AnthropicDocumentTests {
    private static let headers: HTTPHeaders = ["anthropic-version": "2023-06-01"]

    private static func body(_ prompt: String, _ more: JSONObject = [:]) -> JSON {
        let base: JSONObject = [
            "model": "claude-sonnet-5", "max_tokens": 100,
            "messages": [["role": "user", "content": .string(prompt)]],
        ]
        return .object(base.merging(more) { $1 })
    }

    @Test func `A whole message has its form`() async throws {
        try await withRawSimulator { server in
            let answer = try await server.post(
                "/v1/messages", Self.body("What is 2 + 2?"), headers: Self.headers)
            let message = try #require(answer.json)
            #expect(answer.status == 200 && message["type"] == "message" && message["role"] == "assistant")
            #expect(message["id"]?.stringValue?.hasPrefix("msg_sim") == true)
            #expect(message["content"] == [["type": "text", "text": "The answer is 4."]])
            #expect(message["stop_reason"] == "end_turn" && message["stop_sequence"] == .null)
            #expect(message["usage"]?["output_tokens"] == 4)
            #expect(answer.headers.first(name: "request-id")?.hasPrefix("req_sim") == true)
        }
    }

    @Test func `A stream has its events in their order`() async throws {
        try await withRawSimulator { server in
            let answer = try await server.post(
                "/v1/messages", Self.body("What is 2 + 2?", ["stream": true]), headers: Self.headers)
            let names = answer.events.compactMap(\.name)
            #expect(names.prefix(3) == ["message_start", "content_block_start", "ping"])
            #expect(names.suffix(3) == ["content_block_stop", "message_delta", "message_stop"])
            #expect(names.count { $0 == "content_block_delta" } == 4)
            let start = answer.events[0].data["message"]
            #expect(start?["usage"]?["input_tokens"]?.intValue ?? 0 > 0 && start?["stop_reason"] == .null)
            let delta = answer.events[names.count - 2].data
            #expect(delta["delta"]?["stop_reason"] == "end_turn" && delta["usage"]?["output_tokens"] == 4)
        }
    }

    @Test func `The input excludes what the cache read and wrote`() async throws {
        let system: JSON = [
            [
                "type": "text", "text": .string(String(repeating: "x", count: 8000)),
                "cache_control": ["type": "ephemeral", "ttl": "1h"],
            ]
        ]
        try await withRawSimulator { server in
            let first = try await server.post(
                "/v1/messages", Self.body("one", ["system": system]), headers: Self.headers)
            let second = try await server.post(
                "/v1/messages", Self.body("two", ["system": system]), headers: Self.headers)
            let written = first.json?["usage"]
            #expect(written?["cache_creation_input_tokens"]?.intValue ?? 0 >= 2000)
            #expect(
                written?["cache_creation"]?["ephemeral_1h_input_tokens"]
                    == written?["cache_creation_input_tokens"])
            #expect(written?["input_tokens"]?.intValue ?? 99 < 10)
            let read = second.json?["usage"]
            #expect(read?["cache_read_input_tokens"] == written?["cache_creation_input_tokens"])
            #expect(read?["cache_creation_input_tokens"] == 0)
        }
    }

    @Test func `Thinking is a block with a signature, and comes before the text`() async throws {
        try await withRawSimulator { server in
            let more: JSONObject = ["model": "claude-reasoner"]
            let answer = try await server.post(
                "/v1/messages", Self.body("What is 2 + 2?", more), headers: Self.headers)
            let blocks = answer.json?["content"]?.arrayValue ?? []
            #expect(blocks.map { $0["type"]?.stringValue } == ["thinking", "text"])
            #expect(blocks[0]["signature"]?.stringValue?.isEmpty == false)
            #expect(
                answer.json?["usage"]?["output_tokens_details"]?["thinking_tokens"]?.intValue ?? 0 > 0)
            let quiet = try await server.post(
                "/v1/messages",
                Self.body("What is 2 + 2?", more.merging(["thinking": ["type": "disabled"]]) { $1 }),
                headers: Self.headers)
            #expect(quiet.json?["content"]?.arrayValue?.count == 1)
        }
    }

    @Test func `A stop sequence is named`() async throws {
        try await withRawSimulator { server in
            let answer = try await server.post(
                "/v1/messages", Self.body("What is 2 + 2?", ["stop_sequences": ["is"]]),
                headers: Self.headers)
            #expect(answer.json?["stop_reason"] == "stop_sequence" && answer.json?["stop_sequence"] == "is")
        }
    }

    /// A member of the request, what stands there, and what is said to it.
    private static let refused: [(String, String, String)] = [
        ("max_tokens", "null", "max_tokens: Field required"),
        ("messages", "[]", "messages: at least one message is required"),
        ("messages", #"[{"role": "system", "content": "x"}]"#, "messages: Unexpected role"),
        (
            "messages", #"[{"role": "user", "content": [{"type": "text", "text": ""}]}]"#,
            "messages.0: text content blocks must be non-empty"
        ),
        (
            "messages",
            #"[{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": "x"}]}]"#,
            "messages.0.content.0: unexpected `tool_use_id`"
        ),
        (
            "messages",
            #"""
            [{"role": "user", "content": "x"},
             {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "t", "input": {}}]},
             {"role": "user", "content": "y"}]
            """#, "messages.1: `tool_use` ids were found without `tool_result` blocks"
        ),
        (
            "messages",
            #"""
            [{"role": "user", "content": "x"},
             {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm"}]},
             {"role": "user", "content": "y"}]
            """#, "messages.1.content.0.thinking.signature: Field required"
        ),
    ]

    @Test(arguments: refused)
    func `A request that Anthropic refuses is refused`(member: String, value: String, words: String)
        async throws
    {
        let body = Self.body("x", [member: try JSON(parsing: value)])
        try await withRawSimulator { server in
            let answer = try await server.post("/v1/messages", body, headers: Self.headers)
            #expect(answer.status == 400 && answer.json?["type"] == "error")
            #expect(answer.json?["error"]?["type"] == "invalid_request_error")
            #expect(answer.json?["error"]?["message"]?.stringValue?.hasPrefix(words) == true)
            #expect(answer.json?["request_id"]?.stringValue == answer.headers.first(name: "request-id"))
        }
    }

    @Test func `A fifth mark is refused`() async throws {
        @Sendable func blocks(_ count: Int) -> JSON {
            .array(
                (0..<count).map {
                    ["type": "text", "text": .string("\($0)"), "cache_control": ["type": "ephemeral"]]
                })
        }
        try await withRawSimulator { server in
            let four = try await server.post(
                "/v1/messages", Self.body("x", ["system": blocks(4)]), headers: Self.headers)
            let five = try await server.post(
                "/v1/messages", Self.body("x", ["system": blocks(5)]), headers: Self.headers)
            #expect(four.status == 200 && five.status == 400)
            #expect(
                five.json?["error"]?["message"]
                    == "A maximum of 4 blocks with cache_control may be provided. Found 5.")
        }
    }

    @Test func `Limits are told with moments, input and output apart`() async throws {
        var settings = SimulatorSettings(latency: .zero)
        settings.requestsPerMinute = 60
        settings.inputTokensPerMinute = 1000
        settings.outputTokensPerMinute = 500
        try await withRawSimulator(settings) { server in
            let headers = try await server.post(
                "/v1/messages", Self.body("What is 2 + 2?"), headers: Self.headers
            ).headers
            #expect(headers.first(name: "anthropic-ratelimit-requests-remaining") == "59")
            #expect(headers.first(name: "anthropic-ratelimit-input-tokens-limit") == "1000")
            #expect(headers.first(name: "anthropic-ratelimit-output-tokens-remaining") == "496")
            let reset = try #require(headers.first(name: "anthropic-ratelimit-requests-reset"))
            #expect(reset.count == 20 && reset.hasPrefix("20") && reset.hasSuffix("Z"))
            #expect(headers.first(name: "x-ratelimit-limit-requests") == nil)
        }
    }

    @Test func `A key stands in its own header, and a token after Bearer`() async throws {
        var settings = SimulatorSettings(latency: .zero)
        settings.apiKey = "sk-ant-api03-x"
        try await withRawSimulator(settings) { server in
            @Sendable func status(_ name: String, _ value: String) async throws -> Int {
                var headers = Self.headers
                headers.add(name: name, value: value)
                return try await server.post("/v1/messages", Self.body("x"), headers: headers).status
            }
            let key = try await status("x-api-key", "sk-ant-api03-x")
            let bearer = try await status("authorization", "Bearer sk-ant-api03-x")
            let withoutVersion = try await server.post("/v1/messages", Self.body("x")).status
            #expect(key == 200 && bearer == 401 && withoutVersion == 400)
        }
        settings.apiKey = "sk-ant-oat01-x"
        try await withRawSimulator(settings) { server in
            var bearer = Self.headers
            bearer.add(name: "authorization", value: "Bearer sk-ant-oat01-x")
            let heard = try await server.post("/v1/messages", Self.body("x"), headers: bearer)
            #expect(heard.status == 200)
            var key = Self.headers
            key.add(name: "x-api-key", value: "sk-ant-oat01-x")
            let refused = try await server.post("/v1/messages", Self.body("x"), headers: key)
            #expect(refused.status == 401 && refused.json?["error"]?["type"] == "authentication_error")
        }
    }

    @Test func `Tokens are counted without an answer, and models are listed`() async throws {
        try await withRawSimulator { server in
            let counted = try await server.post(
                "/v1/messages/count_tokens", Self.body("Hello there."), headers: Self.headers)
            #expect(counted.json?["input_tokens"]?.intValue ?? 0 > 3)
            let models = try await server.get("/v1/models", headers: Self.headers)
            #expect(models.json?["data"]?.arrayValue?.first?["type"] == "model")
        }
    }
}
