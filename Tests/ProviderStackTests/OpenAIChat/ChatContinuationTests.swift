import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

/// What a provider wants back as it came: signatures of calls, details of the reasoning.
@Suite struct ChatContinuationTests {
    private let signedCall =
        #"{"choices":[{"message":{"content":null,"tool_calls":[{"id":"c1","function":{"name":"lookup","#
        + #""arguments":"{}"},"extra_content":{"google":{"thought_signature":"c2ln"}}},{"id":"c2","function":"#
        + #"{"name":"lookup","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}"#

    @Test func `Gemini gets the signature of a call back`() throws {
        let turn = try completion(signedCall, from: "gemini").message
        let sent = try message(turn, at: "gemini")
        #expect(
            sent["tool_calls"]?.arrayValue?.map { $0["extra_content"] } == [
                ["google": ["thought_signature": "c2ln"]], nil,
            ])
    }

    @Test func `Another provider is not sent it`() throws {
        let turn = try completion(signedCall, from: "gemini").message
        #expect(turn.continuation?["dialect"] == "openai-chat")
        #expect(!(try message(turn, at: "openai").text()).contains("c2ln"))
    }

    @Test func `The continuation of another dialect is passed over`() throws {
        var turn = Message.assistant("Hi")
        turn.continuation = ["dialect": "anthropic", "provider": "openai", "reasoning_details": [1]]
        #expect(try message(turn, at: "openai") == ["content": "Hi", "role": "assistant"])
    }

    @Test func `MiniMax gets the details of its reasoning back`() throws {
        let details = #"[{"index":0,"text":"Hm.","type":"reasoning.text"}]"#
        let answer = #"{"choices":[{"message":{"content":"Hi","reasoning_details":\#(details)}}]}"#
        let completion = try completion(answer, from: "minimax")
        #expect(completion.reasoning == "Hm." && completion.text == "Hi")
        #expect(try message(completion.message, at: "minimax")["reasoning_details"] == JSON(parsing: details))
    }

    @Test func `The pieces of a detail are put together in a stream`() throws {
        let chunks = [
            #"{"type":"reasoning.text","index":0,"text":"Look ","format":"f"}"#,
            #"{"type":"reasoning.text","index":0,"text":"it up.","signature":null}"#,
            #"{"type":"reasoning.text","index":0,"signature":"c2ln"}"#,
            #"{"type":"reasoning.encrypted","index":0,"data":"x"}"#,
            #"{"type":"reasoning.text","index":1,"text":"Done."}"#,
        ].map { #"data: {"choices":[{"delta":{"content":"","reasoning_details":[\#($0)]}}]}"# }
        let end = #"data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}"#
        let text = (chunks + [end, "data: [DONE]"]).joined(separator: "\n\n") + "\n\n"
        let completion = try OpenAIChatCodec.fixture(provider: "openrouter").read(pieces: [Array(text.utf8)])
            .result.get()
        #expect(
            completion.continuation?["reasoning_details"] == [
                [
                    "type": "reasoning.text", "index": 0, "text": "Look it up.", "format": "f",
                    "signature": "c2ln",
                ],
                ["type": "reasoning.encrypted", "index": 0, "data": "x"],
                ["type": "reasoning.text", "index": 1, "text": "Done."],
            ])
        #expect(completion.reasoning == "Look it up.Done.")
    }

    @Test func `A plain answer has no continuation`() throws {
        let answer =
            #"{"choices":[{"message":{"content":"Hi","tool_calls":[{"id":"a","function":{"name":"f"}}]}}]}"#
        #expect(try completion(answer, from: "gemini").continuation == nil)
    }

    @Test func `A transcript with calls and results goes through the dialect and comes back`() throws {
        var turn = RequestScenario.transcript[1]
        let sent = try message(turn, at: "deepseek")
        let answer: JSON = ["choices": [["message": sent, "finish_reason": "tool_calls"]]]
        turn.continuation = nil
        #expect(try completion(answer.text(), from: "deepseek").message == turn)
    }

    private func completion(_ answer: String, from provider: ProviderName) throws -> Completion {
        try OpenAIChatCodec.fixture(provider: provider).completion(from: Array(answer.utf8), for: .fixture())
    }

    /// The turn as it is sent.
    private func message(_ turn: Message, at provider: ProviderName) throws -> JSON {
        let body = OpenAIChatCodec.fixture(provider: provider).body(
            of: .fixture(messages: [.user("?"), turn]), streams: false)
        return try #require(try JSON(parsing: body)["messages"]?.arrayValue?.last)
    }
}
