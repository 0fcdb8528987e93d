import NIOHTTP1
import OrderedCollections
import ParleyCore
import ProviderSimulator
import Testing

/// What the simulator says on the wire where it speaks Ollama's language.
@Suite struct OllamaDocumentTests {
    private static func body(_ prompt: String, _ more: JSONObject = [:]) -> JSON {
        let base: JSONObject = [
            "model": "llama3.2", "messages": [["role": "user", "content": .string(prompt)]],
        ]
        return .object(base.merging(more) { $1 })
    }

    @Test func `It streams unless it is told not to`() async throws {
        try await withRawSimulator { server in
            let streamed = try await server.post("/api/chat", Self.body("What is 2 + 2?"))
            #expect(streamed.headers.first(name: "content-type") == "application/x-ndjson")
            #expect(streamed.lines.count == 5)
            let text = streamed.lines.compactMap { $0["message"]?["content"]?.stringValue }.joined()
            #expect(text == "The answer is 4.")
            #expect(streamed.lines.map { $0["done"] == true } == [false, false, false, false, true])
            let whole = try await server.post("/api/chat", Self.body("What is 2 + 2?", ["stream": false]))
            #expect(whole.json?["message"]?["content"] == "The answer is 4.")
            #expect(whole.json?["done_reason"] == "stop" && whole.json?["remote_host"] == "parley-simulator")
        }
    }

    @Test func `The last line alone has the figures, in nanoseconds`() async throws {
        var settings = SimulatorSettings(latency: .milliseconds(20), latencyJitter: 0)
        settings.firstTokenShare = 0.5
        try await withRawSimulator(settings) { server in
            let lines = try await server.post("/api/chat", Self.body("What is 2 + 2?")).lines
            #expect(lines.dropLast().allSatisfy { $0["eval_count"] == nil })
            #expect(lines.last?["eval_count"] == 4 && lines.last?["total_duration"] == 20_000_000)
            #expect(lines.last?["prompt_eval_duration"] == 10_000_000)
            #expect(lines.last?["prompt_eval_count"]?.intValue ?? 0 > 0)
        }
    }

    @Test func `Arguments are objects, both ways`() async throws {
        let tool: JSON = [
            "type": "function",
            "function": [
                "name": "lookup",
                "parameters": ["type": "object", "properties": ["word": ["type": "string"]]],
            ],
        ]
        try await withRawSimulator { server in
            let answer = try await server.post(
                "/api/chat", Self.body("Call the tool.", ["stream": false, "tools": [tool]]))
            let call = answer.json?["message"]?["tool_calls"]?.arrayValue?.first
            #expect(call?["function"]?["arguments"]?["word"]?.stringValue != nil)
            let wrong: JSON = [
                ["role": "user", "content": "x"],
                [
                    "role": "assistant", "content": "",
                    "tool_calls": [["function": ["name": "lookup", "arguments": "{}"]]],
                ],
            ]
            let refused = try await server.post("/api/chat", Self.body("x", ["messages": wrong]))
            #expect(refused.status == 400)
            #expect(refused.json?["error"]?.stringValue?.contains("cannot unmarshal string") == true)
        }
    }

    @Test func `A model without its tag is the latest`() async throws {
        var settings = SimulatorSettings(latency: .zero)
        settings.models = ["qwen3:latest", "llama3.2"]
        try await withRawSimulator(settings) { server in
            let tags = try await server.get("/api/tags")
            let names = tags.json?["models"]?.arrayValue?.compactMap { $0["name"]?.stringValue }
            #expect(names == ["qwen3:latest", "llama3.2:latest"])
            for name: JSON in ["qwen3", "qwen3:latest", "llama3.2:latest"] {
                let known = try await server.post("/api/chat", Self.body("x", ["model": name]))
                #expect(known.status == 200)
            }
            let unknown = try await server.post("/api/chat", Self.body("x", ["model": "phi4"]))
            #expect(unknown.status == 404 && unknown.json == ["error": "model 'phi4' not found"])
        }
    }

    @Test func `It tells no limits and asks for no key`() async throws {
        var settings = SimulatorSettings(latency: .zero)
        settings.requestsPerMinute = 60
        settings.apiKey = "secret"
        try await withRawSimulator(settings) { server in
            let answer = try await server.post("/api/chat", Self.body("x"))
            #expect(answer.status == 200)
            #expect(!answer.headers.contains { $0.name.contains("ratelimit") })
        }
    }

    @Test func `Thoughts stand beside the text unless they are not wanted`() async throws {
        try await withRawSimulator { server in
            let more: JSONObject = ["model": "sim-reasoner", "stream": false]
            let answer = try await server.post("/api/chat", Self.body("What is 2 + 2?", more))
            #expect(answer.json?["message"]?["thinking"]?.stringValue?.isEmpty == false)
            let quiet = try await server.post(
                "/api/chat", Self.body("What is 2 + 2?", more.merging(["think": false]) { $1 }))
            #expect(quiet.json?["message"]?["thinking"] == nil)
        }
    }
}
