import NIOConcurrencyHelpers
import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

/// The clients against a real proxy that others wrote, in each dialect that it speaks; its models are mocks
/// (`Fixtures/litellm/voice.py`), its wire is its own.
@Suite(
    .enabled("The Python package index cannot be reached, and LiteLLM is not in the cache.") {
        try await LiteLLMProxy.isInstalled
    }, LiteLLMProxy())
struct LiteLLMTests {
    static let dialects: [Dialect] = [.openAIChat, .openAIResponses, .anthropic]
    private static let sentence = "Paris is the capital of France."
    private static let calls = [
        ToolCall(id: "call_m1", name: "lookup", arguments: .parsed(["word": "Paris"])),
        ToolCall(id: "call_m2", name: "lookup", arguments: .parsed(["word": "Rome"])),
    ]

    @Test(arguments: dialects)
    func `A whole answer arrives with its usage`(dialect: Dialect) async throws {
        try await withProxy(dialect) { client in
            let completion = try await client.complete(.asking("mock"))
            #expect(completion.text == Self.sentence && completion.finishReason == .stop)
            #expect(completion.usage == Usage(inputUncached: 10, output: 20))
            #expect(completion.requestID?.isEmpty == false && completion.model == "mock")
        }
    }

    @Test(arguments: dialects)
    func `A streamed answer arrives in pieces, with its usage at the end`(dialect: Dialect) async throws {
        try await withProxy(dialect) { client in
            let (completion, events) = try await heard(client, .asking("mock", system: "Be brief."))
            #expect(completion.text == Self.sentence && completion.finishReason == .stop)
            #expect(completion.usage == Usage(inputUncached: 10, output: 20))
            let pieces = events.compactMap { if case .text(let piece) = $0 { piece } else { nil } }
            #expect(pieces == ["Paris ", "is the ", "capital ", "of France."])
            #expect(events.suffix(2) == [.usage(Usage(inputUncached: 10, output: 20)), .finished(.stop)])
        }
    }

    @Test(arguments: dialects)
    func `An answer that the limit cut off says so, whole and streamed`(dialect: Dialect) async throws {
        try await withProxy(dialect) { client in
            for completion in try await wholeAndStreamed(client, .asking("cut")) {
                #expect(completion.text == Self.sentence && completion.finishReason == .length)
            }
        }
    }

    @Test(arguments: dialects)
    func `What the model thought is kept apart`(dialect: Dialect) async throws {
        try await withProxy(dialect) { client in
            let completion = try await client.complete(.asking("thoughtful"))
            #expect(completion.text == Self.sentence && completion.reasoning == "Which city is it?")
        }
    }

    @Test(arguments: dialects)
    func `Every field of a request is understood`(dialect: Dialect) async throws {
        let request = CompletionRequest.asking(
            "mock", system: "Be brief.", tools: [.fixture()], toolChoice: .required, maxTokens: 50,
            temperature: 0.5, stop: ["END"],
            responseFormat: .jsonSchema(name: "city", schema: ["type": "object"], strict: false))
        try await withProxy(dialect) { client in
            for completion in try await wholeAndStreamed(client, request) {
                #expect(completion.text == Self.sentence)
            }
        }
    }

    @Test(arguments: dialects)
    func `Two tool calls come through whole`(dialect: Dialect) async throws {
        try await withProxy(dialect) { client in
            let completion = try await client.complete(.asking("tools", tools: [.fixture()]))
            #expect(completion.toolCalls == Self.calls && completion.finishReason == .toolCalls)
        }
    }

    @Test(arguments: dialects)
    func `Two tool calls come through in pieces`(dialect: Dialect) async throws {
        try await withProxy(dialect) { client in
            let (completion, events) = try await heard(client, .asking("tools", tools: [.fixture()]))
            #expect(completion.toolCalls == Self.calls && completion.finishReason == .toolCalls)
            for call in Self.calls {
                #expect(events.contains(.toolCallStarted(id: call.id, name: call.name)))
                #expect(events.contains(.toolCallCompleted(call)))
                let pieces = events.compactMap { event in
                    if case .toolArguments(call.id, let piece) = event { piece } else { nil }
                }
                #expect(pieces.count == 2)
                #expect(ToolCall.Arguments(reading: pieces.joined()) == call.arguments)
            }
        }
    }

    @Test(arguments: dialects)
    func `The results of tools go back and are answered`(dialect: Dialect) async throws {
        try await withProxy(dialect) { client in
            var request = CompletionRequest.asking("tools", tools: [.fixture()])
            request.messages.append(try await client.complete(request).message)
            request.messages += [
                Message(role: .tool, content: "a city", toolCallID: "call_m1"),
                Message(role: .tool, content: "another one", toolCallID: "call_m2"),
            ]
            for completion in try await wholeAndStreamed(client, request) {
                #expect(completion.text == "a city and another one")
            }
        }
    }

    @Test(
        arguments: dialects,
        [
            ("limited", Failure.Kind.rateLimited, 429), ("broken", .overloaded, 500),
            ("unknown-model", .rejected, 400),
        ]
    )
    func `A failure is of its kind, whole and streamed`(
        dialect: Dialect, refusal: (model: String, kind: Failure.Kind, status: Int)
    ) async throws {
        try await withProxy(dialect) { client in
            let request = CompletionRequest.asking(refusal.model)
            let whole = await failed { () throws(Failure) in try await client.complete(request) }
            let streamed = await failed { () throws(Failure) in try await client.stream(request) { _ in } }
            #expect(whole?.kind == refusal.kind && whole?.status == refusal.status)
            #expect(whole?.model == refusal.model)
            // Some dialects tell it only in the stream, under the status 200.
            #expect(streamed?.kind == refusal.kind && streamed?.partialText == nil)
        }
    }

    @Test(arguments: dialects)
    func `A stream that breaks leaves what had come`(dialect: Dialect) async throws {
        try await withProxy(dialect) { client in
            let failure = await failed { () throws(Failure) in
                try await client.stream(.asking("half")) { _ in }
            }
            #expect(failure?.kind == .overloaded && failure?.partialText == "Paris is the ")
        }
    }

    @Test(arguments: dialects)
    func `A wrong key is unauthorized and is not echoed`(dialect: Dialect) async throws {
        let key = "sk-wrong-0123456789"
        try await withProxy(dialect, key: key) { client in
            for streams in [false, true] {
                let failure = await failed { () throws(Failure) in
                    streams
                        ? try await client.stream(.asking("mock")) { _ in }
                        : try await client.complete(.asking("mock"))
                }
                #expect(failure?.kind == .unauthorized && failure?.status == 401)
                #expect(failure?.message.contains("‹key›") == true)
                #expect(failure.map { !"\($0) \($0.responseBody ?? "")".contains(key) } == true)
            }
        }
    }

    @Test(arguments: dialects)
    func `Fifty requests at once are all answered`(dialect: Dialect) async throws {
        try await withProxy(dialect) { client in
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<50 { group.addTask { try await client.complete(.asking("mock")).text } }
                for try await text in group { #expect(text == Self.sentence) }
            }
        }
    }

    private func wholeAndStreamed(
        _ client: any Provider, _ request: CompletionRequest
    ) async throws -> [Completion] {
        [try await client.complete(request), try await client.stream(request) { _ in }]
    }

    private func heard(
        _ client: any Provider, _ request: CompletionRequest
    ) async throws -> (Completion, [CompletionEvent]) {
        let events = NIOLockedValueBox<[CompletionEvent]>([])
        let completion = try await client.stream(request) { event in
            events.withLockedValue { $0.append(event) }
        }
        return (completion, events.withLockedValue { $0 })
    }

    private func withProxy(
        _ dialect: Dialect, key: String = LiteLLMProxy.key, _ body: (any Provider) async throws -> Void
    ) async throws {
        // The Messages dialect counts its version to the path, the others to the base.
        let url = dialect == .anthropic ? LiteLLMProxy.url : "\(LiteLLMProxy.url)/v1"
        let entry = ProviderEntry(name: "litellm", dialect: dialect, baseURL: url, keyVariable: "LITELLM_KEY")
        try await withProvider(entry, at: url, key: key, body)
    }
}

extension CompletionRequest {
    fileprivate static func asking(
        _ model: String, system: String? = nil, tools: [ToolDefinition] = [],
        toolChoice: ToolChoice = .automatic, maxTokens: Int? = nil, temperature: Double? = nil,
        stop: [String] = [], responseFormat: ResponseFormat = .text
    ) -> CompletionRequest {
        .fixture(
            model: "litellm/\(model)", system: system, tools: tools, toolChoice: toolChoice,
            maxTokens: maxTokens, temperature: temperature, stop: stop, responseFormat: responseFormat,
            idempotencyKey: "idem-1")
    }
}
