import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

/// The emulation as it is composed around a real client, with the words of the providers.
@Suite struct `Emulated tools over the wire` {
    private static let reply =
        #"{\"assistant_response\": \"\", \"tool_calls\": [{\"name\": \"lookup\", \"arguments\": {\"word\": \"a\"}}]}"#

    /// A provider of the catalogue, its refusal as it was seen, and an answer of its dialect.
    struct Refusing: Sendable {
        var provider: ProviderName
        var status: String
        var refusal: String
        var answer: String
    }

    static let refusing = [
        // Seen in April 2026, in Kilo-Org/kilocode's issue 9006.
        Refusing(
            provider: "openrouter", status: "404 Not Found",
            refusal:
                #"{"error":{"message":"No endpoints found that support tool use. Try disabling \"lookup\". To learn more about provider routing, visit: https://openrouter.ai/docs/guides/routing/provider-selection","code":404}}"#,
            answer:
                #"{"id":"gen-1","model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"\#(reply)"}}]}"#
        ),
        // Seen in March 2026, in ollama/ollama's issue 14795.
        Refusing(
            provider: "ollama", status: "400 Bad Request",
            refusal: #"{"error":"registry.ollama.ai/library/gemma3:4b does not support tools"}"#,
            answer:
                #"{"model":"m","message":{"role":"assistant","content":"\#(reply)"},"done":true,"done_reason":"stop"}"#
        ),
    ]

    @Test(arguments: refusing)
    func `A provider's refusal of tools ends in a call all the same`(refusing: Refusing) async throws {
        let entry = try #require(Catalogue.builtIn.provider(refusing.provider))
        // The second body has a key of its own, by which the server knows it.
        let server = try await AnsweringServer { head in
            head.contains("k-tools-as-text")
                ? AnsweringServer.answer(refusing.answer)
                : AnsweringServer.answer(refusing.refusal, status: refusing.status)
        }
        let request = CompletionRequest.fixture(tools: [.fixture()], idempotencyKey: "k")
        let answers = try await withClient(
            speaking: entry.dialect, server.url, provider: refusing.provider, quirks: entry.quirks
        ) { client in
            [try await client.complete(request), try await client.complete(request)]
        }
        await server.shutdown()
        #expect(answers.map(\.toolCalls) == [[.lookup("a")], [.lookup("a")]])
        #expect(answers.map(\.finishReason) == [.toolCalls, .toolCalls])
        #expect(server.requests.count == 3)
    }
}
