import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

/// What only the provider itself understands of an answer goes back to it as it came.
@Suite struct AnthropicThinkingTests {
    private let content: JSON = [
        ["type": "thinking", "thinking": "One word.", "signature": "c2lnMQ=="],
        ["type": "redacted_thinking", "data": "aGlkZGVu"],
        ["type": "text", "text": "I look it up."],
        ["type": "tool_use", "id": "toolu_1", "name": "lookup", "input": ["word": "Paris"]],
    ]

    @Test func `Signed thinking goes back before the call when the conversation goes on`() throws {
        let answer = try AnthropicCodec.fixture().completion(content: content, stop: "tool_use")
        #expect(answer.reasoning == "One word." && answer.text == "I look it up.")
        #expect(answer.finishReason == .toolCalls)
        #expect(sorted(sentBack(answer.message)) == sorted(content))
    }

    @Test func `A streamed answer goes back just as a whole one does`() throws {
        let events: [JSON] = [
            ["type": "message_start", "message": ["id": "msg_1", "model": "claude", "usage": [:]]],
            start(0, ["type": "thinking", "thinking": "", "signature": ""]),
            delta(0, ["type": "thinking_delta", "thinking": "One "]),
            delta(0, ["type": "thinking_delta", "thinking": "word."]),
            delta(0, ["type": "signature_delta", "signature": "c2lnMQ=="]), stop(0),
            start(1, ["type": "redacted_thinking", "data": "aGlkZGVu"]), stop(1),
            start(2, ["type": "text", "text": ""]),
            delta(2, ["type": "text_delta", "text": "I look it up."]), stop(2),
            start(3, ["type": "tool_use", "id": "toolu_1", "name": "lookup", "input": [:]]),
            delta(3, ["type": "input_json_delta", "partial_json": "{\"word\":"]),
            delta(3, ["type": "input_json_delta", "partial_json": "\"Paris\"}"]), stop(3),
            ["type": "message_delta", "delta": ["stop_reason": "tool_use"]], ["type": "message_stop"],
        ]
        let answer = try AnthropicCodec.fixture().read(events).result.get()
        #expect(sorted(sentBack(answer.message)) == sorted(content))
        let whole = try AnthropicCodec.fixture().completion(content: content, stop: "tool_use")
        #expect(sorted(answer.continuation) == sorted(whole.continuation))
    }

    @Test func `An answer of text and calls alone needs nothing kept`() throws {
        let plain: JSON = [["type": "text", "text": "Hello."]]
        #expect(try AnthropicCodec.fixture().completion(content: plain).continuation == nil)
    }

    @Test func `What one provider signed is not sent to another`() throws {
        let answer = try AnthropicCodec.fixture().completion(content: content, stop: "tool_use")
        #expect(answer.continuation?["dialect"] == "anthropic")
        let elsewhere = sentBack(answer.message, to: "kimi")
        #expect(elsewhere.arrayValue?.map { $0["type"] } == ["text", "tool_use"])
        let other = OpenAIChatCodec.fixture().body(
            of: .fixture(messages: [.user("a"), answer.message]), streams: false)
        #expect(!String(decoding: other, as: UTF8.self).contains("c2lnMQ=="))
    }

    @Test func `An answer that was edited keeps its thinking and takes its new words`() throws {
        var message = try AnthropicCodec.fixture().completion(content: content, stop: "tool_use").message
        message.content = "Let me see."
        let blocks = sentBack(message).arrayValue ?? []
        #expect(blocks.map { $0["type"] } == ["thinking", "redacted_thinking", "text", "tool_use"])
        #expect(blocks[2]["text"] == "Let me see.")
    }

    @Test func `Another dialect's continuation is passed over`() {
        var message = Message.assistant("Hello.")
        message.continuation = ["dialect": "openai-responses", "provider": "anthropic", "content": content]
        #expect(sentBack(message) == "Hello.")
    }

    @Test func `A paused turn goes back whole`() throws {
        let paused: JSON = [
            ["type": "text", "text": "I search."],
            [
                "type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search",
                "input": ["query": "Rome"],
            ],
        ]
        let answer = try AnthropicCodec.fixture().completion(content: paused, stop: "pause_turn")
        #expect(answer.finishReason == .other("pause_turn") && answer.toolCalls.isEmpty)
        #expect(sorted(sentBack(answer.message)) == sorted(paused))
    }

    @Test func `Empty texts, which the model writes, are not sent back`() throws {
        let written: JSON = [
            ["type": "thinking", "thinking": "Hm.", "signature": "c2ln"], ["type": "text", "text": ""],
            ["type": "tool_use", "id": "toolu_1", "name": "lookup", "input": [:]],
        ]
        let answer = try AnthropicCodec.fixture().completion(content: written, stop: "tool_use")
        #expect(sentBack(answer.message).arrayValue?.map { $0["type"] } == ["thinking", "tool_use"])
    }

    /// The content of the answer's turn when the conversation goes on.
    private func sentBack(_ message: Message, to provider: ProviderName = "anthropic") -> JSON {
        var messages = [Message.user("What is Paris?"), message]
        messages += message.toolCalls.map { .result("a city", of: $0.id) }
        messages.append(.user("Go on."))
        let body = AnthropicCodec.fixture(provider: provider).json(of: .fixture(messages: messages))
        return body["messages"]?.arrayValue?[1]["content"] ?? .null
    }

    private func start(_ index: Int, _ block: JSON) -> JSON {
        ["type": "content_block_start", "index": .int(index), "content_block": block]
    }

    private func delta(_ index: Int, _ delta: JSON) -> JSON {
        ["type": "content_block_delta", "index": .int(index), "delta": delta]
    }

    private func stop(_ index: Int) -> JSON { ["type": "content_block_stop", "index": .int(index)] }

    private func sorted(_ json: JSON?) -> String? { json?.text(sortsKeys: true) }
}
