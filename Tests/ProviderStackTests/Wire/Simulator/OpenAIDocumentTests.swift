import NIOHTTP1
import OrderedCollections
import ParleyCore
import ProviderSimulator
import Testing

/// What the simulator says on the wire where it speaks OpenAI's two languages.
@Suite struct OpenAIDocumentTests {
    private static func chat(_ prompt: String, model: String = "sim-small", _ more: JSONObject = [:]) -> JSON
    {
        let base: JSONObject = [
            "model": .string(model), "messages": [["role": "user", "content": .string(prompt)]],
        ]
        return .object(base.merging(more) { $1 })
    }

    private static func response(_ prompt: String, model: String = "sim-small", _ more: JSONObject = [:])
        -> JSON
    {
        let base: JSONObject = ["model": .string(model), "input": .string(prompt)]
        return .object(base.merging(more) { $1 })
    }

    @Test func `DeepSeek tells hits and misses in fields of its own`() async throws {
        let prompt = String(repeating: "x", count: 8000)
        try await withRawSimulator { server in
            let request = Self.chat(prompt, model: "deepseek-chat")
            _ = try await server.post("/v1/chat/completions", request)
            let usage = try await server.post("/v1/chat/completions", request).json?["usage"]
            let hit = usage?["prompt_cache_hit_tokens"]?.intValue ?? 0
            let miss = usage?["prompt_cache_miss_tokens"]?.intValue ?? 0
            #expect(hit >= 1984 && hit % 64 == 0 && hit + miss == usage?["prompt_tokens"]?.intValue)
        }
    }

    @Test(arguments: [("gpt-5.5", false), ("gpt-5.6", true)])
    func `What was written to the cache is told from GPT-5.6 on`(model: String, isTold: Bool) async throws {
        let prompt = String(repeating: "x", count: 8000)
        try await withRawSimulator { server in
            let chat = try await server.post("/v1/chat/completions", Self.chat(prompt, model: model))
            let told = chat.json?["usage"]?["prompt_tokens_details"]?["cache_write_tokens"]
            #expect((told?.intValue ?? 0 >= 2000) == isTold && (told != nil) == isTold)
            let other = try await server.post("/v1/responses", Self.response(prompt + "y", model: model))
            let toldThere = other.json?["usage"]?["input_tokens_details"]?["cache_write_tokens"]
            #expect((toldThere != nil) == isTold)
        }
    }

    @Test func `Reasoning has its field in the chat and an item in a response`() async throws {
        try await withRawSimulator { server in
            let chat = try await server.post(
                "/v1/chat/completions", Self.chat("What is 2 + 2?", model: "sim-reasoner"))
            let message = chat.json?["choices"]?.arrayValue?.first?["message"]
            #expect(message?["reasoning_content"]?.stringValue?.isEmpty == false)
            #expect(message?["content"] == "The answer is 4.")
            let response = try await server.post(
                "/v1/responses", Self.response("What is 2 + 2?", model: "sim-reasoner"))
            let items = response.json?["output"]?.arrayValue ?? []
            #expect(items.map { $0["type"]?.stringValue } == ["reasoning", "message"])
            #expect(items[0]["summary"]?.arrayValue?.first?["type"] == "summary_text")
        }
    }

    @Test func `A response has its form, and is labelled`() async throws {
        try await withRawSimulator { server in
            let answer = try await server.post(
                "/v1/responses", Self.response("What is 2 + 2?", ["instructions": "Be brief."]))
            let response = try #require(answer.json)
            #expect(response["object"] == "response" && response["status"] == "completed")
            #expect(response["id"]?.stringValue?.hasPrefix("resp_sim") == true)
            #expect(response["metadata"] == ["simulated": "true"])
            let message = response["output"]?.arrayValue?.first
            #expect(message?["role"] == "assistant" && message?["status"] == "completed")
            #expect(message?["content"]?.arrayValue?.first?["text"] == "The answer is 4.")
            #expect(response["usage"]?["output_tokens"] == 4)
            #expect(answer.headers.first(name: "x-request-id")?.hasPrefix("req_sim") == true)
        }
    }

    @Test func `A streamed response has its events in their order, and numbered`() async throws {
        try await withRawSimulator { server in
            let answer = try await server.post(
                "/v1/responses", Self.response("What is 2 + 2?", ["stream": true]))
            let names = answer.events.compactMap(\.name)
            #expect(
                names.prefix(4) == [
                    "response.created", "response.in_progress", "response.output_item.added",
                    "response.content_part.added",
                ])
            #expect(
                names.suffix(4) == [
                    "response.output_text.done", "response.content_part.done", "response.output_item.done",
                    "response.completed",
                ])
            let numbers = answer.events.map { $0.data["sequence_number"]?.intValue }
            #expect(numbers == Array(0..<names.count))
            #expect(answer.events.allSatisfy { $0.name == $0.data["type"]?.stringValue })
            let end = answer.events.last?.data["response"]
            #expect(end?["output"]?.arrayValue?.count == 1 && end?["usage"]?["output_tokens"] == 4)
        }
    }

    @Test func `A streamed call brings its arguments in pieces`() async throws {
        let tool: JSON = [
            "type": "function", "name": "lookup",
            "parameters": ["type": "object", "properties": ["word": ["type": "string"]]],
        ]
        try await withRawSimulator { server in
            let answer = try await server.post(
                "/v1/responses",
                Self.response("Go.", ["stream": true, "tools": [tool], "tool_choice": "required"]))
            let pieces = answer.events.filter { $0.name == "response.function_call_arguments.delta" }
            let text = pieces.compactMap { $0.data["delta"]?.stringValue }.joined()
            #expect(pieces.count > 1)
            let done = answer.events.first { $0.name == "response.function_call_arguments.done" }
            #expect(done?.data["arguments"]?.stringValue == text)
            let arguments = try JSON(parsing: text)
            #expect(arguments["word"]?.stringValue != nil)
        }
    }

    @Test func `A response that was cut short says why`() async throws {
        try await withRawSimulator { server in
            let answer = try await server.post(
                "/v1/responses", Self.response("Tell me.", ["max_output_tokens": 16]))
            #expect(answer.json?["status"] == "incomplete")
            #expect(answer.json?["incomplete_details"] == ["reason": "max_output_tokens"])
        }
    }

    /// Members of the request, and what is said to them.
    private static let refused: [(String, String)] = [
        (#"{"max_output_tokens": 5}"#, "Invalid 'max_output_tokens'"),
        (#"{"input": []}"#, "Invalid 'input': empty array"),
        (#"{"previous_response_id": "resp_1"}"#, "Previous response with id 'resp_1' not found."),
        (
            #"{"input": [{"type": "function_call_output", "call_id": "c", "output": "x"}]}"#,
            "No tool call found for function call output"
        ),
        (
            #"{"input": [{"role": "assistant", "content": [{"type": "input_text", "text": "x"}]}]}"#,
            "Invalid value: 'input_text'"
        ),
    ]

    @Test(arguments: refused)
    func `A request that OpenAI refuses is refused`(members: String, words: String) async throws {
        let body = Self.response("x", try JSON(parsing: members).objectValue ?? [:])
        try await withRawSimulator { server in
            let answer = try await server.post("/v1/responses", body)
            #expect(answer.status == 400)
            #expect(answer.json?["error"]?["type"] == "invalid_request_error")
            #expect(answer.json?["error"]?["message"]?.stringValue?.hasPrefix(words) == true)
        }
    }

    @Test(arguments: ["/v1/chat/completions", "/v1/responses"])
    func `Limits are told with lengths of time`(path: String) async throws {
        var settings = SimulatorSettings(latency: .zero)
        settings.requestsPerMinute = 60
        settings.tokensPerMinute = 6000
        try await withRawSimulator(settings) { server in
            let request = path.hasSuffix("responses") ? Self.response("x") : Self.chat("x")
            let headers = try await server.post(path, request).headers
            #expect(headers.first(name: "x-ratelimit-remaining-requests") == "59")
            #expect(headers.first(name: "x-ratelimit-reset-requests") == "1s")
            #expect(headers.first(name: "x-ratelimit-limit-tokens") == "6000")
        }
    }
}
