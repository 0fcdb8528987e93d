import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

/// What a model of the Responses dialect thought goes back to it, and to nobody else.
@Suite struct ContinuationTests {
    /// A thought, a remark, and two calls of which each had a thought of its own.
    private static let output: [JSON] = [
        thought("rs_1"),
        [
            "id": "msg_1", "type": "message", "status": "completed", "role": "assistant",
            "phase": "commentary", "content": [["type": "output_text", "text": "I look both up."]],
        ],
        call("fc_1", "call_A"), thought("rs_2"), call("fc_2", "call_B"),
    ]

    @Test func `Thoughts go back each before the item that it led to`() throws {
        let items = try asked(after: completion(Self.output).message)
        #expect(
            items.compactMap { $0["id"]?.stringValue } == ["rs_1", "msg_1", "fc_1", "rs_2", "fc_2"])
        #expect(
            items[1] == [
                "encrypted_content": "sealed rs_1", "id": "rs_1", "summary": [], "type": "reasoning",
            ])
        #expect(items[2]["phase"] == "commentary")
        #expect(items[2]["content"]?.arrayValue?.first?["text"] == "I look both up.")
        #expect(items[3]["call_id"] == "call_A" && items[3]["arguments"] == #"{"word":"Rome"}"#)
    }

    @Test func `A streamed answer is continued as a whole one is`() throws {
        let stream = ResponsesCodec.fixture().read(pieces: [streamed(Self.output)])
        let streamed = try stream.result.get()
        let whole = try completion(Self.output)
        #expect(streamed.continuation != nil && streamed.continuation == whole.continuation)
    }

    @Test func `Another provider of the dialect gets text and calls alone`() throws {
        let items = try asked(after: completion(Self.output).message, provider: "codex")
        #expect(!items.contains { $0["type"] == "reasoning" || $0["id"] != nil })
        #expect(items[1] == ["content": "I look both up.", "role": "assistant"])
        #expect(items.compactMap { $0["call_id"]?.stringValue } == ["call_A", "call_B"])
    }

    @Test func `Another dialect passes the continuation over`() throws {
        let message = try completion(Self.output).message
        let body = OpenAIChatCodec.fixture().body(
            of: .fixture(messages: [.user("a"), message]), streams: false)
        #expect(!String(decoding: body, as: UTF8.self).contains("sealed"))
    }

    @Test func `A turn that was changed goes back without its thoughts`() throws {
        let message = try completion(Self.output).message
        var reworded = message
        reworded.content = ""
        var shortened = message
        shortened.toolCalls.removeLast()
        var renamed = message
        renamed.toolCalls[0].id = "call_X"
        for changed in [reworded, shortened, renamed] {
            let items = try asked(after: changed)
            #expect(!items.contains { $0["type"] == "reasoning" })
        }
    }

    @Test func `Two messages of one answer go back as two`() throws {
        let messages: [JSON] = [
            ("msg_1", "I only count. é", "commentary"), ("msg_2", "Three.", "final_answer"),
        ]
        .map { id, text, phase in
            [
                "id": .string(id), "type": "message", "phase": .string(phase),
                "content": [["type": "output_text", "text": .string(text)]],
            ]
        }
        let completion = try completion(messages)
        #expect(completion.text == "I only count. é\n\nThree.")
        let items = try asked(after: completion.message)
        #expect(
            items.compactMap { $0["content"]?.arrayValue?.first?["text"]?.stringValue } == [
                "I only count. é", "Three.",
            ])
        #expect(items.compactMap { $0["phase"]?.stringValue } == ["commentary", "final_answer"])
    }

    @Test func `A thought without a seal is told and not sent back`() throws {
        let open: JSON = [
            "id": "rs_1", "type": "reasoning", "summary": [["type": "summary_text", "text": "Hm."]],
        ]
        let completion = try completion([open, Self.call("fc_1", "call_A")])
        #expect(completion.reasoning == "Hm." && completion.continuation == nil)
    }

    @Test func `A thought that led to nothing is not sent back`() throws {
        let completion = try completion([Self.call("fc_1", "call_A"), Self.thought("rs_9")])
        #expect(completion.continuation?.text().contains("rs_9") == false)
    }

    private static func thought(_ id: String) -> JSON {
        [
            "id": .string(id), "type": "reasoning", "summary": [], "status": nil, "content": nil,
            "encrypted_content": .string("sealed \(id)"),
        ]
    }

    private static func call(_ id: String, _ callID: String) -> JSON {
        [
            "id": .string(id), "type": "function_call", "call_id": .string(callID), "name": "lookup",
            "arguments": #"{"word":"Rome"}"#, "status": "completed",
        ]
    }

    private func completion(_ output: [JSON]) throws -> Completion {
        let response: JSON = ["id": "resp_1", "status": "completed", "output": .array(output)]
        return try ResponsesCodec.fixture().completion(from: response.bytes(), for: .fixture())
    }

    private func streamed(_ output: [JSON]) -> [UInt8] {
        var events: [JSON] = output.enumerated().map { index, item in
            ["type": "response.output_item.done", "output_index": .int(index), "item": item]
        }
        events.append(["type": "response.completed", "response": ["id": "resp_1", "output": []]])
        return Array(events.map { "data: \($0.text())\n\n" }.joined().utf8)
    }

    /// The input items of the next request.
    private func asked(after message: Message, provider: ProviderName = "openai-responses") throws -> [JSON] {
        let body = ResponsesCodec.fixture(provider).body(
            of: .fixture(messages: [.user("Look it up."), message]), streams: false)
        return try #require(try JSON(parsing: body)["input"]?.arrayValue)
    }
}
