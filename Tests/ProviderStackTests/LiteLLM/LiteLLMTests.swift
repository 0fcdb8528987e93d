import NIOConcurrencyHelpers
import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

/// The client against a real proxy that others wrote; its models are mocks, its wire is its own.
@Suite(
    .enabled("The Python package index cannot be reached, and LiteLLM is not in the cache.") {
        try await LiteLLMProxy.isInstalled
    }, LiteLLMProxy())
struct LiteLLMTests {
    private static let sentence = "Paris is the capital of France."

    @Test func `A whole answer arrives with its usage`() async throws {
        try await withProxy { client in
            let completion = try await client.complete(.fixture(model: "openai/mock"))
            #expect(completion.text == Self.sentence && completion.finishReason == .stop)
            #expect(completion.usage == Usage(inputUncached: 10, output: 20))
            #expect(completion.requestID?.hasPrefix("chatcmpl-") == true && completion.model == "mock")
        }
    }

    @Test func `A streamed answer arrives in pieces, with its usage at the end`() async throws {
        try await withProxy { client in
            let pieces = NIOLockedValueBox<[String]>([])
            let completion = try await client.stream(.fixture(model: "openai/mock", system: "Be brief.")) {
                event in
                if case .text(let piece) = event { pieces.withLockedValue { $0.append(piece) } }
            }
            #expect(completion.text == Self.sentence && completion.finishReason == .stop)
            #expect(pieces.withLockedValue { $0.count > 3 && $0.joined() == Self.sentence })
            #expect(completion.usage.map { $0.inputUncached > 0 && $0.output > 0 } == true)
        }
    }

    @Test func `Every field of a request is understood`() async throws {
        let request = CompletionRequest.fixture(
            model: "openai/mock", system: "Be brief.", tools: [.fixture()], toolChoice: .automatic,
            maxTokens: 50,
            temperature: 0.5, stop: ["END"],
            responseFormat: .jsonSchema(name: "city", schema: ["type": "object"], strict: false),
            options: ["seed": 7], idempotencyKey: "idem-1")
        try await withProxy { client in
            let completion = try await client.complete(request)
            #expect(completion.text == Self.sentence)
        }
    }

    @Test func `A tool call comes through`() async throws {
        try await withProxy { client in
            let completion = try await client.complete(.fixture(model: "openai/tools", tools: [.fixture()]))
            #expect(
                completion.toolCalls == [
                    ToolCall(id: "call_m1", name: "lookup", arguments: .parsed(["word": "Paris"]))
                ])
            // LiteLLM's mock says "stop".
            #expect(completion.finishReason == .toolCalls)
        }
    }

    @Test(arguments: [
        ("limited", Failure.Kind.rateLimited, 429), ("broken", .overloaded, 500),
        ("unknown-model", .rejected, 400),
    ])
    func `A failure is of its kind, whole and streamed`(model: String, kind: Failure.Kind, status: Int)
        async throws
    {
        try await withProxy { client in
            let request = CompletionRequest.fixture(model: "openai/\(model)")
            let whole = await failed { () throws(Failure) in try await client.complete(request) }
            let streamed = await failed { () throws(Failure) in try await client.stream(request) { _ in } }
            #expect(whole?.kind == kind && whole?.status == status && whole?.model == model)
            #expect(streamed?.kind == kind && streamed?.status == status)
        }
    }

    @Test func `A wrong key is unauthorized and is not echoed`() async throws {
        try await withProxy(key: "sk-wrong-0123456789") { client in
            let failure = await failed { () throws(Failure) in
                try await client.complete(.fixture(model: "openai/mock"))
            }
            #expect(failure?.kind == .unauthorized && failure?.status == 401)
            #expect(failure?.message.contains("‹key›") == true)
            #expect(
                failure.map { !"\($0.message)\($0.responseBody ?? "")".contains("sk-wrong-0123456789") }
                    == true)
        }
    }

    @Test func `Fifty requests at once are all answered`() async throws {
        try await withProxy { client in
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<50 {
                    group.addTask { try await client.complete(.fixture(model: "openai/mock")).text }
                }
                for try await text in group { #expect(text == Self.sentence) }
            }
        }
    }

    private func withProxy(
        key: String = LiteLLMProxy.key, _ body: (OpenAIChatClient) async throws -> Void
    ) async throws {
        try await withClient("\(LiteLLMProxy.url)/v1", key: key, body)
    }
}
