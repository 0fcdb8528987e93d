import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

@Suite struct AnthropicTurnsTests {
    @Test func `The results of parallel calls make one turn, an error marked as one`() {
        let turns = turns([
            .user("a"), .calling("call_1", "call_2"), .result("one", of: "call_1"),
            .result("none", of: "call_2", isError: true),
        ])
        #expect(turns.map(\.role) == ["user", "assistant", "user"])
        #expect(
            turns[2].content == [
                ["content": "one", "tool_use_id": "call_1", "type": "tool_result"],
                ["content": "none", "is_error": true, "tool_use_id": "call_2", "type": "tool_result"],
            ])
    }

    @Test func `Results stand before whatever else their turn holds`() {
        let turns = turns([
            .user("a"), .calling("call_1", "call_2"), .result("one", of: "call_1"), .user("Hurry."),
            .result("two", of: "call_2"),
        ])
        #expect(turns[2].content?.arrayValue?.map { $0["type"] } == ["tool_result", "tool_result", "text"])
    }

    @Test func `A failed tool that says nothing is given words, another may be silent`() {
        let turns = turns([
            .user("a"), .calling("call_1", "call_2"), .result(" ", of: "call_1", isError: true),
            .result("", of: "call_2"),
        ])
        let results = turns[2].content?.arrayValue ?? []
        #expect(results.first?["content"] == "The tool failed." && results.last?["content"] == nil)
    }

    @Test func `A result that answers no call is told in words`() {
        #expect(turns([.user("a"), .result("b", of: nil)])[0].content?.arrayValue?.count == 2)
    }

    @Test func `Turns of one role become one`() {
        let turns = turns([.user("a"), .user("b"), .assistant("c"), .assistant("d"), .user("e")])
        #expect(turns.map(\.role) == ["user", "assistant", "user"])
        #expect(
            turns[0].content == [["text": "a", "type": "text"], ["text": "b", "type": "text"]]
                && turns[2].content == "e")
    }

    @Test(arguments: ["", " \n"])
    func `A text without a visible character is left out`(blank: String) {
        let turns = turns([.user("a"), .assistant(blank), .user(blank), .user("b")])
        #expect(turns.map(\.role) == ["user"] && turns[0].content?.arrayValue?.count == 2)
        let calling = self.turns([.user("a"), .calling("call_1", saying: blank), .result("b", of: "call_1")])
        #expect(calling[1].content?.arrayValue?.map { $0["type"] } == ["tool_use"])
    }

    @Test func `A blank system prompt is none`() {
        #expect(AnthropicCodec.fixture().json(of: .fixture(system: " "))["system"] == nil)
    }

    @Test func `The first turn is the user's, whatever comes`() {
        for messages in [[], [.assistant("Hello.")]] as [[Message]] {
            let turns = turns(messages)
            #expect(turns[0].role == "user" && turns[0].content == "Begin.")
            #expect(turns.count == 1 + messages.count)
        }
    }

    @Test func `A text to go on with does not end in white space, earlier ones may`() {
        let turns = turns([.user("a"), .assistant("Once. \n"), .user("b "), .assistant("Twice, \n")])
        #expect(turns[1].content == "Once. \n" && turns[2].content == "b ")
        #expect(turns[3].content == "Twice,")
    }

    @Test func `System messages at the start join the system prompt`() {
        let body = AnthropicCodec.fixture().json(
            of: .fixture(model: "lab/m", system: "One.", messages: [.system("Two."), .user("a")]))
        #expect(body["system"]?.arrayValue?.compactMap { $0["text"]?.stringValue } == ["One.", "Two."])
        #expect(body["messages"]?.arrayValue?.count == 1)
    }

    @Test func `A shared system message at the start is marked in the system prompt`() {
        var request = CompletionRequest.fixture(messages: [.system("Two."), .user("a")])
        request.sharedMessages = 1
        let system = AnthropicCodec.fixture().json(of: request)["system"]
        #expect(system?.arrayValue?.first?["cache_control"] == ["type": "ephemeral"])
    }

    @Test func `A later system message stays in its place, as words of the user`() {
        let turns = turns([.user("a"), .assistant("b"), .system("Be kind."), .user("c")])
        #expect(
            turns[2].content == [
                ["text": "<system>\nBe kind.\n</system>", "type": "text"], ["text": "c", "type": "text"],
            ])
    }

    @Test func `Arguments go as objects, and a text that is none as an empty one`() {
        var message = Message.calling("call_1", "call_2", "call_3")
        message.toolCalls[1].arguments = .invalid(raw: "{\"word\": ")
        message.toolCalls[2].arguments = .repaired(["word": "Par"], raw: "{\"word\": \"Par")
        let blocks = turns([.user("a"), message])[1].content?.arrayValue ?? []
        #expect(blocks.map { $0["input"] } == [["word": "call_1"], [:], ["word": "Par"]])
    }

    @Test func `The id of another provider's call is written in the dialect's letters, on both sides`() {
        let turns = turns([
            .user("a"), .calling("functions.look up:0"), .result("b", of: "functions.look up:0"),
        ])
        #expect(turns[1].content?.arrayValue?.first?["id"] == "functions_look_up_0")
        #expect(turns[2].content?.arrayValue?.first?["tool_use_id"] == "functions_look_up_0")
    }

    private struct Turn {
        let role: String
        let content: JSON?
    }

    private func turns(_ messages: [Message]) -> [Turn] {
        let body = AnthropicCodec.fixture().json(of: .fixture(messages: messages))
        return (body["messages"]?.arrayValue ?? []).map {
            Turn(role: $0["role"]?.stringValue ?? "", content: $0["content"])
        }
    }
}
