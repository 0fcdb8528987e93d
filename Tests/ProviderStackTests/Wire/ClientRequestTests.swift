import NIOConcurrencyHelpers
import ParleyCore
import ProviderStack
import Testing

@Suite struct ClientRequestTests {
    private static let hello =
        #"{"id":"1","model":"m","choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}"#

    @Test func `A request carries key, idempotency key and user agent, and nothing of an SDK`() async throws {
        try await withServer([CannedServer.answer(Self.hello)]) { server in
            try await withClient(server.url + "/v1/") { client in
                let completion = try await client.complete(.fixture(idempotencyKey: "idem-7"))
                #expect(completion.text == "Hi")
            }
            let request = try #require(server.requests.first)
            #expect(request.hasPrefix("POST /v1/chat/completions HTTP/1.1\r\n"))
            let head = request.lowercased()
            #expect(head.contains("\r\nauthorization: bearer \(testKey)\r\n"))
            #expect(head.contains("\r\nidempotency-key: idem-7\r\n"))
            #expect(head.contains("\r\nuser-agent: parley/\(Release.version)\r\n"))
            #expect(head.contains("\r\ncontent-type: application/json\r\n"))
            #expect(!head.contains("x-stainless"))
            #expect(
                request.hasSuffix(#"{"messages":[{"content":"Hello?","role":"user"}],"model":"asked-model"}"#)
            )
        }
    }

    @Test func `Without a key there is no authorization`() async throws {
        try await withServer([CannedServer.answer(Self.hello)]) { server in
            _ = try await withClient(server.url, key: nil) { try await $0.complete(.fixture()) }
            #expect(server.requests.first?.lowercased().contains("authorization") == false)
        }
    }

    @Test func `Connections are used again`() async throws {
        try await withServer([CannedServer.answer(Self.hello)]) { server in
            try await withClient(server.url) { client in
                for _ in 0..<5 { _ = try await client.complete(.fixture()) }
            }
            #expect(server.requests.count == 5 && server.connections == 1)
        }
    }

    @Test func `A stream's connection is used again once its end has come`() async throws {
        let body =
            "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
        try await withServer([CannedServer.answer(body, type: "text/event-stream")]) { server in
            try await withClient(server.url) { client in
                for _ in 0..<3 { _ = try await client.stream(.fixture()) { _ in } }
            }
            #expect(server.connections == 1)
        }
    }

    @Test func `A stream that is answered whole still comes as events`() async throws {
        try await withServer([CannedServer.answer(Self.hello)]) { server in
            let events = NIOLockedValueBox<[CompletionEvent]>([])
            let completion = try await withClient(server.url) { client in
                try await client.stream(.fixture()) { event in events.withLockedValue { $0.append(event) } }
            }
            #expect(completion.text == "Hi")
            #expect(events.withLockedValue { $0 } == [.text("Hi"), .finished(.stop)])
        }
    }

    @Test func `A whole answer that comes as a stream is read`() async throws {
        let body =
            "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
        try await withServer([CannedServer.answer(body, type: "text/event-stream; charset=utf-8")]) {
            server in
            let completion = try await withClient(server.url) { try await $0.complete(.fixture()) }
            #expect(completion.text == "Hi")
        }
    }

    @Test func `A provider whose chunks cannot be read is asked for whole answers`() async throws {
        var quirks = ProviderEntry.Quirks()
        quirks.streamsWholeAnswers = true
        try await withServer([CannedServer.answer(Self.hello)]) { server in
            let completion = try await withClient(server.url, quirks: quirks) { client in
                try await client.stream(.fixture()) { _ in }
            }
            #expect(completion.text == "Hi")
            #expect(server.requests.first?.contains("stream") == false)
        }
    }

    @Test func `A redirect is not followed with the key`() async throws {
        try await withServer([CannedServer.answer(Self.hello)]) { other in
            let redirect = CannedServer.answer(
                "", status: "307 Temporary Redirect", headers: ["location: \(other.url)/v1/chat/completions"])
            try await withServer([redirect]) { server in
                let failure = try await withClient(server.url) { client in
                    await failed { () throws(Failure) in try await client.complete(.fixture()) }
                }
                #expect(failure?.kind == .rejected && failure?.status == 307)
                #expect(failure?.message.contains("redirects to \(other.url)") == true)
                #expect(other.requests.isEmpty)
            }
        }
    }

    @Test func `The provider's limits are heard with each answer`() async throws {
        let headers = ["x-ratelimit-limit-requests: 500", "x-ratelimit-remaining-requests: 499"]
        let heard = NIOLockedValueBox<[RateLimitReading]>([])
        try await withServer([CannedServer.answer(Self.hello, headers: headers)]) { server in
            _ = try await withClient(
                server.url, onRateLimits: { _, reading in heard.withLockedValue { $0.append(reading) } },
                { try await $0.complete(.fixture()) })
        }
        #expect(
            heard.withLockedValue { $0 } == [RateLimitReading(requests: .init(limit: 500, remaining: 499))])
    }

    @Test func `An answer without an id takes the one of its headers`() async throws {
        let body = #"{"choices":[{"message":{"content":"Hi"}}]}"#
        try await withServer([CannedServer.answer(body, headers: ["x-request-id: req_9"])]) { server in
            let completion = try await withClient(server.url) { try await $0.complete(.fixture()) }
            #expect(completion.requestID == "req_9" && completion.model == "asked-model")
        }
    }
}
