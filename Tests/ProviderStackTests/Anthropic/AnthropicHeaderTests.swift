import NIOConcurrencyHelpers
import ParleyCore
import ProviderStack
import Testing

@Suite struct AnthropicHeaderTests {
    private static let hello =
        #"{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hi"}],"#
        + #""stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":1}}"#

    @Test func `A key goes into x-api-key, beside the dialect's version`() async throws {
        let head = try await head(key: testKey)
        #expect(head.hasPrefix("post /v1/messages http/1.1\r\n"))
        #expect(head.contains("\r\nx-api-key: \(testKey)\r\n"))
        #expect(head.contains("\r\nanthropic-version: 2023-06-01\r\n"))
        #expect(!head.contains("authorization") && !head.contains("anthropic-beta"))
    }

    @Test func `An OAuth token goes only into the authorization, with its beta`() async throws {
        let token = "sk-ant-oat01-abcdef0123456789"
        let head = try await head(key: token)
        #expect(head.contains("\r\nauthorization: bearer \(token)\r\n"))
        #expect(head.contains("\r\nanthropic-beta: oauth-2025-04-20\r\n"))
        #expect(head.contains("\r\nanthropic-version: 2023-06-01\r\n"))
        #expect(!head.contains("x-api-key"))
    }

    @Test func `Without a key only the version is sent`() async throws {
        let head = try await head(key: nil)
        #expect(head.contains("anthropic-version") && !head.contains("x-api-key"))
        #expect(!head.contains("authorization"))
    }

    @Test(arguments: ["", "/v1", "/v1/", "/v1/messages"])
    func `A base URL may hold the beginning of the path`(ending: String) async throws {
        #expect(try await head(key: nil, base: "/coding" + ending).hasPrefix("post /coding/v1/messages http"))
    }

    @Test func `An OAuth token that is echoed is taken out of the failure`() async throws {
        let token = "sk-ant-oat01-abcdef0123456789"
        let body =
            #"{"type":"error","error":{"type":"authentication_error","message":"bad token \#(token)"}}"#
        try await withServer([CannedServer.answer(body, status: "401 Unauthorized")]) { server in
            let failure = try await withClient(speaking: .anthropic, server.url, key: token) { client in
                await failed { () throws(Failure) in try await client.complete(.fixture()) }
            }
            #expect(failure?.kind == .unauthorized && failure?.message == "bad token ‹key›")
            #expect(failure?.responseBody?.contains(token) == false)
        }
    }

    @Test func `A wait is read from a refusal, and the limits from its head`() async throws {
        let heard = NIOLockedValueBox<[RateLimitReading]>([])
        let body = #"{"type":"error","error":{"type":"rate_limit_error","message":"too fast"}}"#
        let answer = CannedServer.answer(
            body, status: "429 Too Many Requests",
            headers: [
                "retry-after: 7", "anthropic-ratelimit-input-tokens-limit: 30000",
                "anthropic-ratelimit-input-tokens-remaining: 0",
                "anthropic-ratelimit-input-tokens-reset: 2027-01-15T08:00:20Z",
            ])
        let time = TimeSource(now: { .seconds(0) }, sleep: { _ in })
        try await withServer([answer]) { server in
            let failure = try await withClient(
                speaking: .anthropic, server.url, time: time,
                onRateLimits: { _, reading in heard.withLockedValue { $0.append(reading) } }
            ) { client in
                await failed { () throws(Failure) in try await client.complete(.fixture()) }
            }
            #expect(failure?.kind == .rateLimited && failure?.retryAfter == .seconds(7))
        }
        let window = RateLimitReading.Window(limit: 30_000, remaining: 0, resetsIn: .seconds(20))
        #expect(heard.withLockedValue { $0 } == [RateLimitReading(inputTokens: window)])
    }

    @Test func `A stream is asked for and read over HTTP`() async throws {
        let body =
            [
                #"{"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":3,"output_tokens":1}}}"#,
                #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}"#,
                #"{"type":"content_block_stop","index":0}"#,
                #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}"#,
                #"{"type":"message_stop"}"#,
            ].map { "data: \($0)\n\n" }.joined()
        try await withServer([CannedServer.answer(body, type: "text/event-stream")]) { server in
            let completion = try await withClient(speaking: .anthropic, server.url) { client in
                try await client.stream(.fixture()) { _ in }
            }
            #expect(completion.text == "Hi" && completion.usage == Usage(inputUncached: 3, output: 2))
            #expect(server.requests.first?.contains(#""stream":true"#) == true)
        }
    }

    /// The head that arrives, in lower case.
    private func head(key: String?, base: String = "") async throws -> String {
        try await withServer([CannedServer.answer(Self.hello)]) { server in
            let completion = try await withClient(speaking: .anthropic, server.url + base, key: key) {
                try await $0.complete(.fixture())
            }
            #expect(completion.text == "Hi")
            let request = try #require(server.requests.first)
            let end = try #require(request.firstRange(of: "\r\n\r\n"))
            return String(request[..<end.upperBound]).lowercased()
        }
    }
}
