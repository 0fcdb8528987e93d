import NIOConcurrencyHelpers
import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

/// Codex is the Responses dialect with demands of its own.
@Suite struct CodexTests {
    /// Codex names no kind of content.
    private static let stream = CannedServer.Step.write(
        [
            "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n",
            event(#"{"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"delta":"Hi"}"#),
            event(
                #"{"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"delta":" there"}"#),
            event(
                #"{"type":"response.completed","response":{"id":"resp_1","output":[],"#
                    + #""usage":{"input_tokens":5,"output_tokens":2}}}"#),
        ].joined())

    /// A token as ChatGPT's sign-in gives it: `{"https://api.openai.com/auth":{"chatgpt_account_id":"acc-7"}}`.
    private static let token =
        "eyJhbGciOiJub25lIn0.eyJodHRwczovL2FwaS5vcGVuYWkuY29tL2F1dGgiOnsiY2hhdGdwdF9hY2NvdW50X2lkIjoiYWNjLTcifX0.c2ln"

    @Test func `A whole answer is asked for as a stream and collected`() async throws {
        try await withServer([Self.stream, .close]) { server in
            let completion = try await withProvider("codex", at: server.url) { client in
                try await client.complete(.fixture(model: "codex/gpt-5.3-codex"))
            }
            #expect(completion.text == "Hi there" && completion.requestID == "resp_1")
            #expect(completion.usage == Usage(inputUncached: 5, output: 2))
            let body = try sent(to: server)
            #expect(body["stream"] == true && body["store"] == false)
        }
    }

    @Test func `A streamed answer arrives in pieces`() async throws {
        try await withServer([Self.stream, .close]) { server in
            let events = NIOLockedValueBox<[CompletionEvent]>([])
            _ = try await withProvider("codex", at: server.url) { client in
                try await client.stream(.fixture()) { event in events.withLockedValue { $0.append(event) } }
            }
            #expect(events.withLockedValue { $0.prefix(2) } == [.text("Hi"), .text(" there")])
        }
    }

    @Test func `Instructions are supplied where the request has none`() throws {
        #expect(try body(.fixture())["instructions"] == "You are a helpful assistant.")
        #expect(try body(.fixture(system: "Be brief."))["instructions"] == "Be brief.")
    }

    @Test func `Whatever it refuses is left out, as an option too`() throws {
        let body = try body(
            .fixture(
                maxTokens: 50, temperature: 0.5,
                options: [
                    "max_tokens": 9, "stream_options": ["include_usage": true], "top_p": 0.5,
                    "reasoning": ["effort": "low"],
                ]))
        #expect(
            body.objectValue.map { Set($0.keys) } == [
                "include", "input", "instructions", "model", "prompt_cache_key", "reasoning", "store",
                "stream",
            ])
    }

    @Test func `A system message goes as the developer's`() throws {
        let body = try body(.fixture(messages: [.user("a"), .system("Now in French.")]))
        #expect(body["input"]?.arrayValue?.last?["role"] == "developer")
    }

    @Test func `Sealed reasoning is always asked for`() throws {
        #expect(try body(.fixture(model: "codex/whatever"))["include"] == ["reasoning.encrypted_content"])
    }

    @Test func `The token's own account goes along, and who asks`() async throws {
        try await withServer([Self.stream, .close]) { server in
            _ = try await withProvider("codex", at: server.url, key: Self.token) { client in
                try await client.complete(.fixture())
            }
            let head = try #require(server.requests.first).lowercased()
            #expect(head.hasPrefix("post /responses http/1.1\r\n"))
            #expect(head.contains("\r\nauthorization: bearer \(Self.token.lowercased())\r\n"))
            #expect(head.contains("\r\nchatgpt-account-id: acc-7\r\n"))
            #expect(head.contains("\r\noriginator: parley\r\n"))
            #expect(head.contains("\r\nopenai-beta: responses=experimental\r\n"))
        }
    }

    @Test(arguments: [
        "sk-plain", "a.b.c", "..", "eyJhIjoxfQ.eyJhIjoxfQ.x", "a.!!!!.c",
        // {"https://api.openai.com/auth":{"chatgpt_account_id":"a\r\nb"}}
        "x.eyJodHRwczovL2FwaS5vcGVuYWkuY29tL2F1dGgiOnsiY2hhdGdwdF9hY2NvdW50X2lkIjoiYVxyXG5iIn19.x",
    ])
    func `A token that names no account is sent as it is`(token: String) {
        let context = CodecContext(provider: "codex", key: Secret(token))
        #expect(ResponsesCodec(context: context).headers.map(\.name) == ["authorization"])
    }

    @Test func `A subscription that is used up is a quota, whatever its words`() {
        let body =
            #"{"error":{"type":"usage_limit_reached","message":"Try again later","resets_in_seconds":9}}"#
        let failure = Array(body.utf8).withUnsafeBufferPointer {
            ResponsesCodec.fixture("codex").failure(status: 429, body: $0, for: .fixture())
        }
        #expect(failure.kind == .quotaExhausted && failure.kind.advice == .fallBack)
    }

    private static func event(_ data: String) -> String { "data: \(data)\n\n" }

    private func body(_ request: CompletionRequest) throws -> JSON {
        try JSON(parsing: ResponsesCodec.fixture("codex").body(of: request, streams: true))
    }

    private func sent(to server: CannedServer) throws -> JSON {
        let request = try #require(server.requests.first)
        let end = try #require(request.firstRange(of: "\r\n\r\n"))
        return try JSON(parsing: String(request[end.upperBound...]))
    }
}
