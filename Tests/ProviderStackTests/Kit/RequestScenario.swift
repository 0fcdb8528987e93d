import Foundation
import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

/// A request that every dialect must write, and the body that each has been agreed to write for it.
struct RequestScenario: Sendable, CustomTestStringConvertible {
    let name: String
    let request: CompletionRequest
    var streams = false
    var provider: ProviderName?

    var testDescription: String { name }

    /// Where the agreed body of a dialect stands, below the folder of the tests.
    func path(for dialect: Dialect) -> String { "Fixtures/\(dialect.rawValue)/requests/\(name).json" }

    static let all: [RequestScenario] = [
        RequestScenario(name: "plain", request: .fixture()),
        RequestScenario(name: "streamed", request: .fixture(), streams: true),
        RequestScenario(
            name: "settings",
            request: .fixture(
                system: "Be brief.", maxTokens: 50, temperature: 0.25, stop: ["END"], options: ["seed": 7])),
        RequestScenario(
            name: "tools",
            request: .fixture(system: "Look words up.", tools: [.fixture(), .fixture(name: "define")])),
        RequestScenario(
            name: "tool-required",
            request: .fixture(tools: [.fixture()], toolChoice: .required)),
        RequestScenario(
            name: "tool-named",
            request: .fixture(tools: [.fixture()], toolChoice: .named("lookup"))),
        RequestScenario(name: "tool-none", request: .fixture(tools: [.fixture()], toolChoice: .none)),
        RequestScenario(name: "transcript", request: .fixture(messages: transcript, tools: [.fixture()])),
        RequestScenario(name: "json-object", request: .fixture(responseFormat: .jsonObject)),
        RequestScenario(name: "json-by-prompt", request: .fixture(responseFormat: .jsonByPrompt)),
        RequestScenario(
            name: "json-schema",
            request: .fixture(
                responseFormat: .jsonSchema(
                    name: "city",
                    schema: [
                        "type": "object", "properties": ["name": ["type": "string"]], "required": ["name"],
                        "additionalProperties": false,
                    ], strict: true))),
        RequestScenario(name: "shared-prefix", request: sharedPrefix),
    ]

    /// A question, two calls at once, their results (one of them an error), a ghost, an answer, and a new question.
    static let transcript: [Message] = [
        .user("What do Paris and Xyzzy mean?"),
        Message(
            role: .assistant, content: "I look both up.", reasoning: "Two words, two calls.",
            toolCalls: [
                ToolCall(id: "call_a", name: "lookup", arguments: .parsed(["word": "Paris"])),
                ToolCall(id: "call_b", name: "lookup", arguments: .parsed(["word": "Xyzzy"])),
            ]),
        Message(role: .tool, content: "the capital of France", toolCallID: "call_a"),
        Message(role: .tool, content: "no such word", toolCallID: "call_b", isError: true),
        .assistant(""),
        .assistant("Paris is a city; Xyzzy is not a word."),
        .user("And Rome?"),
    ]

    private static let sharedPrefix: CompletionRequest = {
        var request = CompletionRequest.fixture(
            system: "A long system prompt.", messages: [.user("A long document."), .user("One question.")],
            tools: [.fixture()])
        request.sharedMessages = 1
        return request
    }()
}
