import OrderedCollections
import ParleyCore
import ProviderSimulator
import ProviderStack
import Testing

/// Chains of tools over every wire language, whole and streamed.
@Suite struct ToolScriptClientTests {
    @Test(arguments: Dialect.allCases, [false, true])
    func `A chain of calls goes to its end`(dialect: Dialect, streams: Bool) async throws {
        try await withSimulator(in: dialect) { client, _ in
            let script =
                "CALL lookup {\"word\": \"a\"}\nCALL lookup {\"word\": \"b\"}\nTHEN\nCALL lookup {\"word\": \"c\"}"
            var request = CompletionRequest.fixture(messages: [.user(script)], tools: [.fixture()])
            func ask() async throws -> Completion {
                try await streams ? client.stream(request) { _ in } : client.complete(request)
            }
            for words in [["a", "b"], ["c"]] {
                let asked = try await ask()
                #expect(asked.finishReason == .toolCalls)
                #expect(asked.toolCalls.map { $0.arguments.object?["word"]?.stringValue } == words)
                request.messages.append(asked.message)
                request.messages += asked.toolCalls.map { call in
                    Message(
                        role: .tool, content: "found \(call.arguments.object?["word"]?.stringValue ?? "")",
                        toolCallID: call.id)
                }
            }
            #expect(try await ask().text == "The tool answered: found a; found b; found c")
        }
    }
}
