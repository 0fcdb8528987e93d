import OrderedCollections
import ParleyCore
import Testing

@testable import ProviderSimulator

@Suite struct `Calls that a question spells out` {
    private static let tool = ToolDefinition(
        name: "clock", summary: "The time.", parameters: ["type": "object"])
    private static let question = """
        Please play:
        CALL clock {"zone": "UTC"}
          CALL clock {"zone": "CET"}
        THEN
        CALL notes
        """

    private func answer(_ messages: [Message], choice: ToolChoice = .automatic) throws -> SimulatedText {
        let request = CompletionRequest(
            model: ModelName("simulator/sim-small")!, messages: messages, tools: [Self.tool],
            toolChoice: choice)
        var random = SeededRandom(seed: 1)
        return SimulatedAuthor.answer(to: request, random: &random)
    }

    private func results(of answer: SimulatedText, _ text: String) -> [Message] {
        [Message(role: .assistant, content: "", toolCalls: answer.toolCalls)]
            + answer.toolCalls.map { Message(role: .tool, content: "\(text) \($0.name)", toolCallID: $0.id) }
    }

    @Test func `Come round by round, and in the end a text quotes their results`() throws {
        var messages = [Message.user("CALL other"), .assistant("Done."), .user(Self.question)]
        let first = try answer(messages)
        #expect(first.toolCalls.map(\.name) == ["clock", "clock"] && first.finishReason == .toolCalls)
        #expect(first.toolCalls.map(\.arguments) == [.parsed(["zone": "UTC"]), .parsed(["zone": "CET"])])
        #expect(Set(first.toolCalls.map(\.id)).count == 2)
        messages += results(of: first, "one")
        let second = try answer(messages)
        #expect(second.toolCalls.map(\.name) == ["notes"] && second.toolCalls[0].arguments == .parsed([:]))
        messages += results(of: second, "two")
        let last = try answer(messages)
        #expect(last.text == "The tool answered: one clock; one clock; two notes" && last.toolCalls.isEmpty)
    }

    @Test func `Are not made without tools, or where none may be called`() throws {
        #expect(try answer([.user(Self.question)], choice: .none).toolCalls.isEmpty)
        let request = CompletionRequest(
            model: ModelName("simulator/sim-small")!, messages: [.user(Self.question)])
        var random = SeededRandom(seed: 1)
        #expect(SimulatedAuthor.answer(to: request, random: &random).toolCalls.isEmpty)
    }

    @Test func `May have broken arguments`() throws {
        let broken = try answer([.user("CALL clock {\"zone\": oops")])
        #expect(broken.toolCalls.first?.arguments == .invalid(raw: "{\"zone\": oops"))
    }

    @Test(arguments: ["", "Do not CALL me", "CALL", "CALLclock {}", "THEN", "call clock {}"])
    func `Stand on lines of their own`(question: String) {
        #expect(ToolScript(question) == nil)
    }
}
