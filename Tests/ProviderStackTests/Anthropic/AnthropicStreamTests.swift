import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

@Suite struct AnthropicStreamTests {
    @Test func `Every piece is told as it comes, and the calls whole at the end`() {
        let (events, _) = AnthropicCodec.fixture().read([
            begin([:]), start(0, ["type": "thinking", "thinking": ""]),
            delta(0, ["type": "thinking_delta", "thinking": "Hm."]),
            start(1, ["type": "text", "text": ""]), delta(1, ["type": "text_delta", "text": "Yes."]),
            start(2, ["type": "tool_use", "id": "toolu_1", "name": "lookup", "input": [:]]),
            delta(2, ["type": "input_json_delta", "partial_json": "{\"word\":"]),
            delta(2, ["type": "input_json_delta", "partial_json": "\"Rome\"}"]),
            ["type": "message_delta", "delta": ["stop_reason": "tool_use"], "usage": ["output_tokens": 9]],
            ["type": "message_stop"],
        ])
        let call = ToolCall(id: "toolu_1", name: "lookup", arguments: .parsed(["word": "Rome"]))
        #expect(
            events == [
                .reasoning("Hm."), .text("Yes."), .toolCallStarted(id: "toolu_1", name: "lookup"),
                .toolArguments(id: "toolu_1", fragment: "{\"word\":"),
                .toolArguments(id: "toolu_1", fragment: "\"Rome\"}"), .toolCallCompleted(call),
                .usage(Usage(output: 9)), .finished(.toolCalls),
            ])
    }

    @Test func `A tool without parameters is called with an empty object`() throws {
        let completion = try AnthropicCodec.fixture().read([
            begin([:]), start(0, ["type": "tool_use", "id": "toolu_1", "name": "now", "input": [:]]),
            delta(0, ["type": "input_json_delta", "partial_json": ""]),
            ["type": "message_delta", "delta": ["stop_reason": "tool_use"]],
        ]).result.get()
        #expect(completion.toolCalls.map(\.arguments) == [.parsed([:])])
    }

    @Test func `What the provider's own tools are given is not told as a call`() throws {
        let (events, result) = AnthropicCodec.fixture().read([
            begin([:]), start(0, ["type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search"]),
            delta(0, ["type": "input_json_delta", "partial_json": "{\"query\":\"Rome\"}"]),
            start(1, ["type": "text", "text": "Found."]),
            ["type": "message_delta", "delta": ["stop_reason": "end_turn"]],
        ])
        #expect(events == [.text("Found."), .finished(.stop)])
        let completion = try result.get()
        #expect(completion.continuation?["content"]?.arrayValue?.first?["input"] == ["query": "Rome"])
    }

    @Test func `Pieces of a block that was never started are taken all the same`() throws {
        let completion = try AnthropicCodec.fixture().read([
            delta(0, ["type": "thinking_delta", "thinking": "Hm."]),
            delta(1, ["type": "text_delta", "text": "Yes."]),
            delta(7, ["type": "input_json_delta", "partial_json": "{}"]),
            ["type": "message_delta", "delta": ["stop_reason": "end_turn"]],
        ]).result.get()
        #expect(completion.text == "Yes." && completion.reasoning == "Hm." && completion.toolCalls.isEmpty)
    }

    @Test func `A gateway's end mark of another dialect ends the stream`() throws {
        var stream = AnthropicCodec.fixture().stream(for: .fixture())
        let text =
            #"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}"#
        _ = stream.read(Array("\(text)\n\ndata: [DONE]\n\n".utf8))
        #expect(stream.isDone)
        #expect(try stream.finish().get().completion.text == "Hi")
    }

    @Test func `After an error nothing is waited for, and what had come is kept`() {
        var stream = AnthropicCodec.fixture().stream(for: .fixture())
        let events = [
            begin(["input_tokens": 25, "output_tokens": 1]),
            delta(0, ["type": "text_delta", "text": "Half"]),
            ["type": "error", "error": ["type": "overloaded_error", "message": "Overloaded"]],
        ]
        _ = stream.read(Array(events.map { "data: \($0)\n\n" }.joined().utf8))
        #expect(stream.isDone && stream.partialText == "Half")
        guard case .failure(let failure) = stream.finish() else {
            Issue.record("an error was read as an answer")
            return
        }
        #expect(failure.kind == .overloaded && failure.partialText == "Half")
        #expect(failure.usage == Usage(inputUncached: 25, output: 1))
        #expect(failure.responseBody?.contains("Overloaded") == true)
    }

    @Test(arguments: [
        ("authentication_error", Failure.Kind.unauthorized), ("permission_error", .unauthorized),
        ("not_found_error", .rejected), ("invalid_request_error", .rejected),
        ("rate_limit_error", .rateLimited), ("billing_error", .quotaExhausted),
        ("timeout_error", .timedOut), ("request_too_large", .contextTooLong),
        ("overloaded_error", .overloaded), ("api_error", .overloaded), ("novel_error", .overloaded),
    ])
    func `An error in a stream is named by its type alone`(type: String, kind: Failure.Kind) {
        let error: JSON = ["type": "error", "error": ["type": .string(type), "message": "no"]]
        guard case .failure(let failure) = AnthropicCodec.fixture().read([error]).result else {
            Issue.record("an error was read as an answer")
            return
        }
        #expect(failure.kind == kind && failure.code == type && failure.status == nil)
    }

    private func begin(_ usage: JSON) -> JSON {
        ["type": "message_start", "message": ["id": "msg_1", "model": "claude", "usage": usage]]
    }

    private func start(_ index: Int, _ block: JSON) -> JSON {
        ["type": "content_block_start", "index": .int(index), "content_block": block]
    }

    private func delta(_ index: Int, _ delta: JSON) -> JSON {
        ["type": "content_block_delta", "index": .int(index), "delta": delta]
    }
}
