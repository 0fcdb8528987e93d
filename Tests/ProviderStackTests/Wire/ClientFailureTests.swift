import NIOConcurrencyHelpers
import NIOCore
import ParleyCore
import ProviderStack
import Testing

@Suite struct ClientFailureTests {
    private static let head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"

    private static func chunk(_ text: String) -> String {
        "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n"
    }

    private static func delta(_ text: String) -> String {
        chunk("data: {\"choices\":[{\"delta\":{\"content\":\"\(text)\"}}]}\n\n")
    }

    @Test func `A port that nobody listens on is unreachable`() async throws {
        let port = try await freePort()
        let failure = try await ask("http://127.0.0.1:\(port)/v1")
        #expect(failure?.kind == .unreachable)
        #expect(failure?.message == "nobody answers at http://127.0.0.1:\(port) (connection refused)")
        let probe = await Reachability.probe(try BaseURL("http://127.0.0.1:\(port)"), provider: "openai")
        #expect(probe?.message == failure?.message)
    }

    @Test func `A port that somebody listens on is reachable, and is asked nothing`() async throws {
        try await withServer([.hang]) { server in
            let probe = await Reachability.probe(try BaseURL(server.url), provider: "openai")
            #expect(probe == nil)
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `A name that does not exist is unreachable`() async throws {
        let failure = try await ask("http://no-such-host.invalid/v1")
        #expect(failure?.kind == .unreachable)
        #expect(failure?.message == "there is no host no-such-host.invalid (its name cannot be resolved)")
    }

    @Test func `A server that does not speak TLS is unreachable over https`() async throws {
        let refusal = CannedServer.answer("plain", status: "400 Bad Request")
        try await withServer([refusal, .close], readsHTTP: false) { server in
            let failure = try await ask("https://127.0.0.1:\(server.port)")
            #expect(failure?.kind == .unreachable)
            #expect(
                failure?.message.hasPrefix("no secure connection to https://127.0.0.1:\(server.port)") == true
            )
        }
    }

    @Test func `A server that does not speak HTTP is unreachable`() async throws {
        try await withServer([.write("SSH-2.0-OpenSSH_9.2\r\n")]) { server in
            let failure = try await ask(server.url)
            #expect(failure?.kind == .unreachable)
            #expect(failure?.message == "\(server.url) does not answer in HTTP")
        }
    }

    @Test func `A connection that closes before the answer is unreachable`() async throws {
        try await withServer([.close]) { server in
            let failure = try await ask(server.url)
            #expect(failure?.kind == .unreachable)
            #expect(failure?.message == "\(server.url) closed the connection before it answered")
        }
    }

    @Test func `A whole answer that is cut in the middle is broken`() async throws {
        let cut =
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"choices\":["
        try await withServer([.write(cut), .close]) { server in
            let failure = try await ask(server.url)
            #expect(failure?.kind == .streamBroken)
            #expect(failure?.message == "the connection was closed in the middle of the answer")
        }
    }

    @Test func `A stream that is cut keeps what had come`() async throws {
        try await withServer([.write(Self.head + Self.delta("Half ") + Self.delta("of it")), .close]) {
            server in
            let failure = try await ask(server.url, streams: true)
            #expect(failure?.kind == .streamBroken && failure?.status == 200)
            #expect(failure?.partialText == "Half of it")
        }
    }

    @Test func `No answer within the first-byte limit is a timeout`() async throws {
        try await withServer([.hang]) { server in
            let failure = try await ask(server.url, limits: TimeLimits(firstByte: .milliseconds(120)))
            #expect(failure?.kind == .timedOut && failure?.message == "no answer within 120 ms")
        }
    }

    @Test func `No connection within its limit is a timeout`() async throws {
        let server = DeafServer()
        let failure = try await ask(
            "http://127.0.0.1:\(server.port)", limits: TimeLimits(connect: .milliseconds(150)))
        #expect(failure?.kind == .timedOut && failure?.message == "no connection within 150 ms")
        let url = try BaseURL("http://127.0.0.1:\(server.port)")
        let probe = await Reachability.probe(url, provider: "openai", timeout: .milliseconds(100))
        #expect(probe?.kind == .unreachable)
        #expect(probe?.message == "nobody answers at \(url) (no connection in time)")
    }

    @Test func `An answer that stops in the middle is a timeout and keeps what had come`() async throws {
        try await withServer([.write(Self.head + Self.delta("Half")), .hang]) { server in
            let failure = try await ask(
                server.url, streams: true, limits: TimeLimits(idle: .milliseconds(150)))
            #expect(failure?.kind == .timedOut && failure?.partialText == "Half")
            #expect(failure?.message == "the answer stopped in the middle: nothing came for 150 ms")
            await server.closedByClient()
        }
    }

    @Test func `A whole answer that stops in the middle is a timeout`() async throws {
        let half =
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"choices\":["
        try await withServer([.write(half), .hang]) { server in
            let failure = try await ask(server.url, limits: TimeLimits(idle: .milliseconds(150)))
            #expect(failure?.kind == .timedOut)
            await server.closedByClient()
        }
    }

    @Test func `An answer that never ends is stopped by the total limit`() async throws {
        let steps = (0..<200).flatMap { _ in
            [CannedServer.Step.write(Self.delta("x")), .pause(.milliseconds(20))]
        }
        try await withServer([.write(Self.head)] + steps) { server in
            let failure = try await ask(
                server.url, streams: true, limits: TimeLimits(total: .milliseconds(1500)))
            #expect(failure?.kind == .timedOut && failure?.message == "the answer took longer than 1.5 s")
            #expect(failure?.partialText?.hasPrefix("xx") == true)
        }
    }

    @Test func `A stream that stays open after its last word is not waited for`() async throws {
        let body =
            Self.delta("All")
            + Self.chunk("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n")
        try await withServer([.write(Self.head + body + Self.chunk("data: [DONE]\n\n")), .hang]) { server in
            let completion = try await withClient(server.url) { try await $0.stream(.fixture()) { _ in } }
            #expect(completion.text == "All")
            await server.closedByClient()
        }
    }

    @Test func `Cancelling the task ends the exchange and closes the connection`() async throws {
        try await withServer([.write(Self.head + Self.delta("Half")), .hang]) { server in
            try await withClient(server.url) { client in
                let (started, go) = AsyncStream<Void>.makeStream()
                let task = Task {
                    await failed { () throws(Failure) in
                        try await client.stream(.fixture()) { _ in go.yield() }
                    }
                }
                await started.first { _ in true }
                task.cancel()
                let failure = await task.value
                #expect(failure?.kind == .cancelled && failure?.partialText == "Half")
                await server.closedByClient()
            }
        }
    }

    @Test func `A cancelled task does not wait for the head either`() async throws {
        try await withServer([.hang]) { server in
            try await withClient(server.url) { client in
                let task = Task {
                    await failed { () throws(Failure) in try await client.complete(.fixture()) }
                }
                task.cancel()
                #expect(await task.value?.kind == .cancelled)
            }
        }
    }

    @Test func `A whole answer that streams and stays open after its last word is not waited for`()
        async throws
    {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 10000\r\n\r\n"
        let words =
            "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
        try await withServer([.write(head + words), .hang]) { server in
            let completion = try await withClient(server.url) { try await $0.complete(.fixture()) }
            #expect(completion.text == "Hi")
        }
    }

    @Test func `What is asked after the end of the transport is cancelled`() async throws {
        try await withServer([.hang]) { server in
            let client = try await withClient(server.url) { $0 }
            let failure = await failed { () throws(Failure) in try await client.complete(.fixture()) }
            #expect(failure?.kind == .cancelled)
            #expect(server.connections == 0)
        }
    }

    @Test func `The end of the transport ends what is in the air`() async throws {
        try await withServer([.hang]) { server in
            let http = HTTPTransport()
            let entry = ProviderEntry(name: "openai", baseURL: server.url, keyVariable: "OPENAI_API_KEY")
            let account = try ProviderAccount(
                entry: entry, key: Secret(testKey), baseURL: BaseURL(server.url))
            let client = OpenAIChatClient(account: account, http: http)
            async let failure = failed { () throws(Failure) in try await client.complete(.fixture()) }
            while server.requests.isEmpty { await Task.yield() }
            await http.shutdown()
            #expect(await failure?.kind == .cancelled)
        }
    }

    @Test func `A refusal carries the status, the words and the wish of the server`() async throws {
        let body =
            #"{"error":{"message":"Slow down, \#(testKey)","type":"requests","code":"rate_limit_exceeded"}}"#
        let answer = CannedServer.answer(
            body, status: "429 Too Many Requests",
            headers: ["retry-after: 3", "x-ratelimit-limit-requests: 3"])
        try await withServer([answer]) { server in
            let failure = try await ask(server.url)
            #expect(
                failure?.kind == .rateLimited && failure?.status == 429 && failure?.retryAfter == .seconds(3))
            #expect(failure?.message == "Slow down, ‹key›")
            #expect(failure?.responseBody?.contains(testKey) == false)
        }
    }

    @Test func `Retry-After as a date counts from the clock that is given`() async throws {
        let answer = CannedServer.answer(
            "", status: "503 Service Unavailable", headers: ["retry-after: Fri, 15 Jan 2027 08:00:30 GMT"])
        try await withServer([answer]) { server in
            let clock = TimeSource(now: { .seconds(10) }, sleep: { _ in })
            let failure = try await withClient(server.url, time: clock) { client in
                await failed { () throws(Failure) in try await client.complete(.fixture()) }
            }
            #expect(failure?.kind == .overloaded && failure?.retryAfter == .seconds(20))
        }
    }

    @Test func `An answer larger than parley takes is refused`() async throws {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        let mebibyte = String(repeating: " ", count: 1 << 20)
        let steps = [CannedServer.Step.write(head)] + (0...64).map { _ in .write(Self.chunk(mebibyte)) }
        try await withServer(steps) { server in
            let failure = try await ask(server.url)
            #expect(
                failure?.kind == .malformedReply && failure?.message == "the answer is larger than 64 MiB")
        }
    }

    private func ask(
        _ url: String, streams: Bool = false, limits: TimeLimits = TimeLimits()
    ) async throws -> Failure? {
        try await withClient(url, limits: limits) { client in
            await failed { () throws(Failure) in
                streams
                    ? try await client.stream(.fixture()) { _ in } : try await client.complete(.fixture())
            }
        }
    }
}
