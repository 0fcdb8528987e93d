import NIOCore
import ParleyCore
import ProviderStack
import Testing

/// Answers that are cut after each of their bytes: exact bytes on a real socket.
@Suite(.timeLimit(.minutes(2))) struct EveryByteTests {
    private static let whole =
        #"{"id":"1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hé!"},"#
        + #""finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#

    private static let events = [
        #"data: {"choices":[{"index":0,"delta":{"content":"H"}}]}"#,
        #"data: {"choices":[{"index":0,"delta":{"content":"é!"},"finish_reason":"stop"}]}"#,
        "data: [DONE]",
    ].map { $0 + "\n\n" }.joined()

    private func cut(_ body: String, type: String, after count: Int) -> CannedServer.Step {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: \(type)\r\ncontent-length: \(body.utf8.count)\r\n\r\n"
        return .bytes(Array(head.utf8) + Array(body.utf8.prefix(count)))
    }

    /// One try of each: what the wire makes of it.
    private func ask(_ steps: [CannedServer.Step], streams: Bool) async throws -> Result<Completion, Failure>
    {
        try await withServer(steps) { server in
            try await withClient(server.url, limits: TimeLimits(firstByte: .seconds(20), idle: .seconds(20)))
            {
                client in
                let board = PolicyBoard(time: LeapingClock().time)
                let model = ModelName("openai/asked-model")!
                let provider = PolicyStack.compose(
                    [.init(model: model, account: AccountName(provider: "openai"), client: client)],
                    retry: RetryPolicy(emptyRetriesMax: 0, otherRetriesMax: 0), board: board)
                return await result { () async throws(Failure) -> Completion in
                    streams
                        ? try await provider.stream(.fixture()) { _ in }
                        : try await provider.complete(.fixture())
                }
            }
        }
    }

    @Test
    func `A whole answer that is cut after any of its bytes is broken, and only the whole one is an answer`()
        async throws
    {
        let length = Self.whole.utf8.count
        for count in 0..<length {
            let result = try await ask(
                [cut(Self.whole, type: "application/json", after: count), .close], streams: false)
            #expect(result.failure?.kind == .streamBroken, "after \(count) bytes")
        }
        let result = try await ask(
            [cut(Self.whole, type: "application/json", after: length), .close], streams: false)
        #expect(result.text == "Hé!")
    }

    @Test func `A stream that is cut after any of its bytes keeps what had come`() async throws {
        for count in 0...Self.events.utf8.count {
            let result = try await ask(
                [cut(Self.events, type: "text/event-stream", after: count), .close], streams: true)
            if let text = result.text {
                #expect(text == "Hé!" && count >= Self.events.utf8.count - 2, "after \(count) bytes")
            } else {
                #expect(result.failure?.kind == .streamBroken, "after \(count) bytes")
                #expect(["H", "Hé!", nil].contains(result.failure?.partialText), "after \(count) bytes")
            }
        }
    }

    /// The client may be told that its request has gone out when that one's answer is long there and its connection closed.
    @Test func `A transport that is shut down as soon as its answers are there only ends`() async throws {
        let answer = cut(Self.whole, type: "application/json", after: Self.whole.utf8.count)
        try await withServer([answer]) { server in
            for _ in 0..<500 {
                let texts = try await withClient(server.url) { client in
                    var texts: [String] = []
                    for _ in 0..<3 { texts.append(try await client.complete(.fixture()).text) }
                    return texts
                }
                #expect(texts == ["Hé!", "Hé!", "Hé!"])
            }
        }
    }

    @Test func `A server that hangs up after its first words ends only that request`() async throws {
        let steps = [cut(Self.whole, type: "application/json", after: Self.whole.utf8.count), .close]
        let letter = String(repeating: "A long letter. ", count: 20_000)
        try await withServer(steps, readsHTTP: false) { server in
            try await withClient(server.url) { client in
                for prompt in ["Hi", letter] {
                    let kinds = await withTaskGroup(of: Failure.Kind?.self) { group in
                        for _ in 0..<200 {
                            group.addTask {
                                await failed { () async throws(Failure) in
                                    try await client.complete(.fixture(messages: [.user(prompt)]))
                                }?.kind
                            }
                        }
                        return await Set(group.reduce(into: []) { $0.append($1) })
                    }
                    // What it answered before it hung up may have reached us or not.
                    #expect(kinds.isSubset(of: [nil, .streamBroken, .unreachable]))
                }
            }
        }
    }

    @Test(arguments: [
        ("429 Too Many Requests", Failure.Kind.rateLimited), ("503 Service Unavailable", .overloaded),
        ("401 Unauthorized", .unauthorized), ("404 Not Found", .rejected),
    ])
    func `A refusal whose body is cut is still what its status says`(status: String, kind: Failure.Kind)
        async throws
    {
        let body = #"{"error":{"message":"no","code":null}}"#
        let head =
            "HTTP/1.1 \(status)\r\ncontent-type: application/json\r\ncontent-length: \(body.utf8.count)"
        for count in [0, 1, body.utf8.count / 2, body.utf8.count - 1] {
            for streams in [false, true] {
                let bytes = Array((head + "\r\n\r\n").utf8) + Array(body.utf8.prefix(count))
                var request = [CannedServer.Step.bytes(bytes), .close]
                if count == 0 { request.insert(.pause(.milliseconds(1)), at: 1) }
                let result = try await ask(request, streams: streams)
                #expect(result.failure?.kind == kind, "after \(count) bytes")
            }
        }
    }

    @Test(arguments: [0, 1, 60, 111], [false, true])
    func `A connection that is reset inside the answer is broken`(count: Int, streams: Bool) async throws {
        let body = streams ? Self.events : Self.whole
        let type = streams ? "text/event-stream" : "application/json"
        let result = try await ask([cut(body, type: type, after: count), .reset], streams: streams)
        let kind = try #require(result.failure?.kind)
        // What was still in the system's buffers goes with the connection, the head perhaps too.
        #expect(kind == .streamBroken || kind == .unreachable, "\(kind)")
    }
}
