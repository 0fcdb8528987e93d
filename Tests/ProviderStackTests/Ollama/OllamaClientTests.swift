import NIOConcurrencyHelpers
import ParleyCore
import ProviderStack
import Testing

/// The dialect over a connection: what the client does with it that a codec alone cannot show.
@Suite struct OllamaClientTests {
    private static let hello = #"{"model":"m","message":{"content":"Hi"},"done":true,"done_reason":"stop"}"#
    private static let lines = [
        #"{"model":"m","message":{"content":"H"},"done":false}"#,
        #"{"model":"m","message":{"content":"i"},"done":false}"#,
        #"{"model":"m","message":{"content":""},"done":true,"done_reason":"stop","prompt_eval_count":5,"eval_count":2}"#,
    ]

    @Test func `A whole answer is asked for at its own path without a key`() async throws {
        let server = CannedServer.answer(Self.hello, type: "application/json; charset=utf-8")
        let (completion, request) = try await ask([server]) { try await $0.complete(.fixture()) }
        #expect(completion.text == "Hi" && completion.model == "m")
        #expect(request.hasPrefix("POST /api/chat HTTP/1.1\r\n"))
        #expect(request.hasSuffix(#""model":"asked-model","stream":false}"#))
        #expect(!request.lowercased().contains("authorization"))
    }

    @Test func `A stream comes as lines, and its connection is used again`() async throws {
        let body = Self.lines.joined(separator: "\n") + "\n"
        try await withServer([CannedServer.answer(body, type: "application/x-ndjson")]) { server in
            let events = NIOLockedValueBox<[CompletionEvent]>([])
            try await withOllama(server.url) { client in
                for _ in 0..<3 {
                    events.withLockedValue { $0 = [] }
                    let completion = try await client.stream(.fixture()) { event in
                        events.withLockedValue { $0.append(event) }
                    }
                    #expect(completion.text == "Hi")
                }
            }
            #expect(
                events.withLockedValue { $0 } == [
                    .text("H"), .text("i"), .usage(Usage(inputUncached: 5, output: 2)), .finished(.stop),
                ])
            #expect(server.connections == 1)
            let head = server.requests.first?.lowercased() ?? ""
            #expect(head.contains("\r\naccept: application/x-ndjson, application/json\r\n"))
        }
    }

    @Test func `A stream that is answered whole still comes as events`() async throws {
        let (completion, _) = try await ask([CannedServer.answer(Self.hello)]) { client in
            try await client.stream(.fixture()) { _ in }
        }
        #expect(completion.text == "Hi")
    }

    @Test func `A whole answer that comes as lines is read`() async throws {
        let body = Self.lines.joined(separator: "\n") + "\n"
        let (completion, _) = try await ask([CannedServer.answer(body, type: "application/x-ndjson")]) {
            try await $0.complete(.fixture())
        }
        #expect(completion.text == "Hi")
    }

    @Test func `A connection that ends in mid-answer keeps what was said`() async throws {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\nconnection: close\r\n\r\n"
        try await withServer([.write(head + Self.lines[0] + "\n" + Self.lines[1].prefix(20)), .close]) {
            server in
            let failure = try await withOllama(server.url) { client in
                await failed { () throws(Failure) in try await client.stream(.fixture()) { _ in } }
            }
            #expect(failure?.kind == .streamBroken && failure?.partialText == "H")
        }
    }

    @Test func `A missing model is told in Ollama's words`() async throws {
        let refusal = CannedServer.answer(#"{"error":"model 'x' not found"}"#, status: "404 Not Found")
        try await withServer([refusal]) { server in
            let failure = try await withOllama(server.url) { client in
                await failed { () throws(Failure) in try await client.complete(.fixture()) }
            }
            #expect(failure?.kind == .rejected && failure?.status == 404)
            #expect(failure?.message == "model 'x' not found")
        }
    }

    private func ask(
        _ steps: [CannedServer.Step], _ call: (OllamaClient) async throws -> Completion
    ) async throws -> (completion: Completion, request: String) {
        try await withServer(steps) { server in
            let completion = try await withOllama(server.url, call)
            return (completion, try #require(server.requests.first))
        }
    }

    private func withOllama<Value>(_ url: String, _ body: (OllamaClient) async throws -> Value) async throws
        -> Value
    {
        let http = HTTPTransport()
        let account = try Catalogue.builtIn.account("ollama", environment: ["OLLAMA_HOST": url])
        do {
            let value = try await body(OllamaClient(account: account, http: http))
            await http.shutdown()
            return value
        } catch {
            await http.shutdown()
            throw error
        }
    }
}
