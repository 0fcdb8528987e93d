import OrderedCollections
import ParleyCore
import Testing

@testable import ProviderStack

@Suite struct `Tools as text` {
    private func told(_ request: CompletionRequest) -> CompletionRequest { request.withToolsAsText() }

    @Test func `The system prompt describes the tools and the form of the reply`() {
        let system = told(
            .fixture(system: "Be brief.", tools: [.fixture(name: "zoom"), .fixture(name: "aim")])
        ).system
        #expect(
            system == #"""
                Be brief.

                # Tools
                You can have these tools run. Each line is one tool; `parameters` is a JSON Schema.
                {"description":"Looks a word up.","name":"zoom","parameters":{"properties":{"word":{"type":"string"}},"required":["word"],"type":"object"}}
                {"description":"Looks a word up.","name":"aim","parameters":{"properties":{"word":{"type":"string"}},"required":["word"],"type":"object"}}

                # Form of your reply
                Reply with one JSON object and nothing before or after it:
                {"assistant_response": "your words to the user", "tool_calls": [{"name": "a tool's name", "arguments": {}}]}
                `assistant_response` may be empty when you call a tool. `tool_calls` is [] when you need none. The results come with the next message; never make them up.
                """#)
    }

    @Test func `The beginning of the prompt is the same whatever choice is given`() {
        let automatic = told(.fixture(tools: [.fixture()])).system!
        let endings: [(ToolChoice, String)] = [
            (.none, "Call no tool in this reply: `tool_calls` must be []."),
            (.required, "Call at least one tool in this reply."),
            (.named("lookup"), "Call the tool `lookup` in this reply."),
        ]
        for (choice, ending) in endings {
            let request = told(.fixture(tools: [.fixture()], toolChoice: choice))
            #expect(request.system == automatic + "\n\n" + ending)
            #expect(request.toolChoice == .automatic)
        }
    }

    @Test func `A form of answer is asked for within the reply`() {
        let object = told(.fixture(tools: [.fixture()], responseFormat: .jsonObject))
        #expect(object.responseFormat == .text)
        #expect(object.system?.hasSuffix("must itself be a JSON object: your answer.") == true)
        let schema = told(
            .fixture(
                tools: [.fixture()],
                responseFormat: .jsonSchema(name: "x", schema: ["b": 1, "a": 2], strict: true)))
        #expect(schema.system?.hasSuffix("of this JSON Schema:\n{\"a\":2,\"b\":1}") == true)
    }

    @Test func `Calls and results of the transcript become text`() {
        var transcript = RequestScenario.transcript
        transcript[1].continuation = ["dialect": "anthropic"]
        let request = told(.fixture(messages: transcript, tools: [.fixture()]))
        #expect(
            request.messages.map(\.content) == [
                "What do Paris and Xyzzy mean?",
                #"{"assistant_response":"I look both up.","tool_calls":[{"arguments":{"word":"Paris"},"name":"lookup"},{"arguments":{"word":"Xyzzy"},"name":"lookup"}]}"#,
                """
                Tool results:
                {"call":1,"content":"the capital of France","name":"lookup"}
                {"call":2,"content":"no such word","is_error":true,"name":"lookup"}
                """,
                #"{"assistant_response":"Paris is a city; Xyzzy is not a word.","tool_calls":[]}"#,
                "And Rome?",
            ])
        #expect(request.messages.map(\.role) == [.user, .assistant, .user, .assistant, .user])
        #expect(
            request.messages.allSatisfy {
                $0.toolCalls.isEmpty && $0.toolCallID == nil && $0.continuation == nil
            })
        #expect(request.tools.isEmpty)
    }

    @Test func `Without tools on offer only the transcript is told in words`() {
        let request = told(
            .fixture(system: "Be brief.", messages: RequestScenario.transcript, responseFormat: .jsonObject))
        #expect(request.system == "Be brief.")
        #expect(request.responseFormat == .jsonObject)
        #expect(request.messages.map(\.content).last == "And Rome?")
        #expect(request.messages[3].content == "Paris is a city; Xyzzy is not a word.")
        #expect(request.messages.allSatisfy { $0.role != .tool })
    }

    @Test func `A result without a call, and an answer to go on with, stay readable`() {
        let request = told(
            .fixture(
                messages: [
                    .user("Hi"), Message(role: .tool, content: "lost", toolCallID: "gone", isProtected: true),
                    .assistant("The answer is"),
                ], tools: [.fixture()]))
        #expect(
            request.messages.map(\.content) == [
                "Hi", "Tool results:\n{\"content\":\"lost\"}", "The answer is",
            ])
        #expect(request.messages[1].isProtected)
    }

    @Test func `The shared beginning still ends at the same message`() {
        for (shared, expected) in [(0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (6, 4), (7, 5), (99, 5)] {
            var request = CompletionRequest.fixture(messages: RequestScenario.transcript, tools: [.fixture()])
            request.sharedMessages = shared
            #expect(told(request).sharedMessages == expected, "\(shared) shared")
        }
    }

    @Test func `Another body has another idempotency key, always the same`() {
        let request = told(.fixture(tools: [.fixture()], idempotencyKey: "k"))
        #expect(request.idempotencyKey == "k-tools-as-text")
        #expect(told(.fixture(tools: [.fixture()])).idempotencyKey == nil)
    }

    @Test func `Options that speak of tools are left out, others stay`() {
        let request = told(
            .fixture(
                tools: [.fixture()],
                options: ["seed": 7, "parallel_tool_calls": false, "tool_choice": "auto"]))
        #expect(request.options == ["seed": 7])
    }
}
