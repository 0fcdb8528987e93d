import AsyncHTTPClient
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import OrderedCollections
import ParleyCore
import ProviderSimulator
import ProviderStack
import Testing

/// The client against the simulator's server: the whole way over the loopback interface.
@Suite struct SimulatorServerTests {
    private static let quick = SimulatorSettings(latency: .zero)

    @Test func `A whole answer comes with its usage`() async throws {
        try await withSimulator(Self.quick) { client, _ in
            let completion = try await client.complete(.fixture(messages: [.user("What is 17 + 25?")]))
            #expect(completion.text == "The answer is 42.")
            #expect(completion.finishReason == .stop && completion.model == "asked-model")
            let usage = try #require(completion.usage)
            #expect(usage.inputUncached > 0 && usage.output == 5 && usage.cacheRead == 0)
            #expect(completion.requestID?.hasPrefix("chatcmpl-sim") == true)
        }
    }

    @Test func `A streamed answer is the whole one in pieces`() async throws {
        try await withSimulator(Self.quick) { client, _ in
            let whole = try await client.complete(.fixture())
            let events = NIOLockedValueBox<[CompletionEvent]>([])
            let streamed = try await client.stream(.fixture()) { event in
                events.withLockedValue { $0.append(event) }
            }
            #expect(streamed == whole)
            #expect(events.withLockedValue { $0.count } > 5)
        }
    }

    @Test func `A long shared beginning is cached the second time`() async throws {
        let system = String(repeating: "A long instruction that all questions share. ", count: 120)
        try await withSimulator(Self.quick) { client, _ in
            let first = try await client.complete(.fixture(system: system, messages: [.user("one")])).usage
            let second = try await client.complete(.fixture(system: system, messages: [.user("two")])).usage
            #expect(first?.cacheRead == 0)
            #expect(second.map { $0.cacheRead >= 1024 && $0.cacheRead % 128 == 0 } == true)
            #expect(first?.inputTotal == second?.inputTotal)
        }
    }

    @Test(arguments: [false, true])
    func `A tool is called when it is asked for, and its result is answered`(streams: Bool) async throws {
        try await withSimulator(Self.quick) { client, _ in
            var request = CompletionRequest.fixture(
                messages: [.user("Please call the tool.")], tools: [.fixture()])
            let asked = try await streams ? client.stream(request) { _ in } : client.complete(request)
            let call = try #require(asked.toolCalls.first)
            #expect(asked.finishReason == .toolCalls && call.name == "lookup")
            #expect(call.arguments.object?["word"]?.stringValue != nil)
            request.messages += [
                Message(role: .assistant, content: "", toolCalls: [call]),
                Message(role: .tool, content: "found", toolCallID: call.id),
            ]
            #expect(try await client.complete(request).text == "The tool answered: found")
        }
    }

    @Test func `An answer by schema fits it`() async throws {
        let schema: JSON = [
            "type": "object", "additionalProperties": false, "required": ["capital", "confidence"],
            "properties": ["capital": ["type": "string"], "confidence": ["enum": ["low", "high"]]],
        ]
        try await withSimulator(Self.quick) { client, _ in
            let answer = try await client.complete(
                .fixture(
                    messages: [.user("What is the capital of France?")],
                    responseFormat: .jsonSchema(name: "city", schema: schema, strict: true)))
            let object = try JSON(parsing: answer.text)
            #expect(object["capital"] == "Paris")
            #expect(["low", "high"].contains(object["confidence"]?.stringValue))
        }
    }

    @Test func `Over the limit it answers 429 with the time to wait`() async throws {
        var settings = Self.quick
        settings.requestsPerMinute = 2
        let readings = NIOLockedValueBox<[RateLimitReading]>([])
        try await withSimulator(
            settings, onRateLimits: { _, one in readings.withLockedValue { $0.append(one) } }
        ) {
            client, _ in
            for _ in 0..<2 { _ = try await client.complete(.fixture()) }
            let failure = await failed { () throws(Failure) in try await client.complete(.fixture()) }
            #expect(failure?.kind == .rateLimited && failure?.code == "rate_limit_exceeded")
            let wait = try #require(failure?.retryAfter)
            #expect(wait > .seconds(25) && wait <= .seconds(30))
        }
        let remaining = readings.withLockedValue { $0.map(\.requests.remaining) }
        #expect(remaining == [1, 0, 0])
    }

    @Test(arguments: [
        (SimulatedFault.internalError, Failure.Kind.overloaded), (.unavailable, .overloaded),
        (.badGateway, .overloaded), (.overloaded, .overloaded), (.conflict, .overloaded),
        (.requestTimeout, .timedOut), (.unauthorized, .unauthorized), (.notFound, .rejected),
        (.rateLimited, .rateLimited), (.rateLimitedMilliseconds, .rateLimited),
        (.rateLimitedSeconds, .rateLimited), (.rateLimitedDate, .rateLimited), (.quota, .quotaExhausted),
        (.context, .contextTooLong), (.filter, .contentRefused), (.length, .rejected),
        (.empty, .emptyReply), (.hangUp, .unreachable), (.malformed, .malformedReply), (.cut, .streamBroken),
        (.stall, .timedOut),
    ])
    func `Each fault becomes its kind of failure, whole and streamed`(
        fault: SimulatedFault, kind: Failure.Kind
    ) async throws {
        var settings = Self.quick
        settings.errorRate = 1
        settings.faults = [fault: 1]
        settings.faultPoint = .first
        settings.stall = .seconds(20)
        let limits = fault == .stall ? TimeLimits(idle: .seconds(1)) : TimeLimits()
        try await withSimulator(settings, limits: limits) { client, _ in
            let whole = await failed { () throws(Failure) in try await client.complete(.fixture()) }
            let streamed = await failed { () throws(Failure) in try await client.stream(.fixture()) { _ in } }
            #expect(whole?.kind == kind)
            #expect(streamed?.kind == kind)
            #expect(streamed?.partialText == nil)
        }
    }

    @Test(arguments: [SimulatedFault.cut, .stall, .malformed], [FaultPoint.middle, .last])
    func `A fault later in the body leaves what had come of a stream`(
        fault: SimulatedFault, point: FaultPoint
    ) async throws {
        var settings = Self.quick
        settings.errorRate = 1
        settings.faults = [fault: 1]
        settings.faultPoint = point
        settings.stall = .seconds(20)
        let limits = fault == .stall ? TimeLimits(idle: .seconds(1)) : TimeLimits()
        let text = try await SimulatedProvider(settings: Self.quick).complete(.fixture()).text
        try await withSimulator(settings, limits: limits) { client, _ in
            let whole = await failed { () throws(Failure) in try await client.complete(.fixture()) }
            let streamed = await failed { () throws(Failure) in try await client.stream(.fixture()) { _ in } }
            let kinds: [SimulatedFault: Failure.Kind] = [
                .cut: .streamBroken, .stall: .timedOut, .malformed: .malformedReply,
            ]
            #expect(whole?.kind == kinds[fault])
            #expect(streamed?.kind == (fault == .stall ? .timedOut : .streamBroken))
            let partial = try #require(streamed?.partialText)
            #expect(text.hasPrefix(partial) && (partial == text) == (point == .last))
        }
    }

    @Test(arguments: [
        SimulatedFault.rateLimitedMilliseconds, .rateLimitedSeconds, .rateLimitedDate, .rateLimited,
    ])
    func `The time to wait comes in each of its forms`(fault: SimulatedFault) async throws {
        var settings = Self.quick
        settings.errorRate = 1
        settings.faults = [fault: 1]
        settings.faultRetryAfter = .milliseconds(90_250)
        try await withSimulator(settings) { client, _ in
            let failure = await failed { () throws(Failure) in try await client.complete(.fixture()) }
            switch fault {
            case .rateLimitedMilliseconds: #expect(failure?.retryAfter == .milliseconds(90_250))
            case .rateLimitedSeconds: #expect(failure?.retryAfter == .seconds(91))
            case .rateLimitedDate:
                let wait = try #require(failure?.retryAfter)
                #expect(wait > .seconds(85) && wait < .seconds(92))
            default: #expect(failure?.retryAfter == nil)
            }
        }
    }

    @Test func `Another key is unauthorized, and is not echoed`() async throws {
        var settings = Self.quick
        settings.apiKey = "the-right-key"
        try await withSimulator(settings) { client, _ in
            let failure = await failed { () throws(Failure) in try await client.complete(.fixture()) }
            #expect(
                failure?.kind == .unauthorized && failure?.status == 401 && failure?.code == "invalid_api_key"
            )
            #expect(failure?.message.contains(testKey) == false)
        }
    }

    @Test func `A model that does not exist is rejected`() async throws {
        var settings = Self.quick
        settings.models = ["other"]
        try await withSimulator(settings) { client, _ in
            let failure = await failed { () throws(Failure) in try await client.complete(.fixture()) }
            #expect(
                failure?.kind == .rejected && failure?.code == "model_not_found" && failure?.status == 404)
        }
    }

    @Test func `The same idempotency key is answered once and replayed`() async throws {
        try await withSimulator(Self.quick) { client, server in
            let request = CompletionRequest.fixture(idempotencyKey: "k-1")
            let first = try await client.complete(request)
            let second = try await client.complete(request)
            #expect(first == second)
            #expect(server.stats["idempotent_replays"] == 1 && server.stats["repeated_idempotency_keys"] == 1)
            #expect(server.stats["billed"]?["completion_tokens"]?.intValue == first.usage?.output)
        }
    }

    @Test func `A stalled request can be cancelled at once`() async throws {
        var settings = Self.quick
        settings.latency = .seconds(60)
        try await withSimulator(settings) { client, _ in
            let task = Task { await failed { () throws(Failure) in try await client.complete(.fixture()) } }
            task.cancel()
            #expect(await task.value?.kind == .cancelled)
        }
    }

    @Test func `A port that is taken is an error that names it`() async throws {
        try await withServer([.hang]) { other in
            let error = await #expect(throws: SimulatorServer.ListenError.self) {
                try await SimulatorServer(port: other.port).run()
            }
            #expect(
                error?.description
                    == "the simulator cannot listen on 127.0.0.1:\(other.port): address already in use")
        }
    }

    @Test func `Every answer is labelled as simulated`() async throws {
        try await withSimulator(Self.quick) { client, _ in
            for path in ["health", "stats", "v1/models", "nowhere"] {
                let url = client.account.baseURL.origin + "/" + path
                let response = try await HTTPClient.shared.execute(
                    HTTPClientRequest(url: url), timeout: .seconds(5))
                #expect(response.headers.first(name: "x-parley-simulated") == "true")
                #expect(response.status.code == (path == "nowhere" ? 404 : 200))
                _ = try JSON(parsing: Array(await response.body.collect(upTo: 1 << 20).readableBytesView))
            }
        }
    }

    @Test func `A body that is no request is answered with 400`() async throws {
        try await withSimulator(Self.quick) { client, _ in
            for body in ["", "{", "[]", "{}", #"{"model":"m"}"#, #"{"model":"m","messages":[]}"#] {
                var request = HTTPClientRequest(url: "\(client.account.baseURL)/chat/completions")
                request.method = .POST
                request.body = .bytes(ByteBuffer(string: body))
                let response = try await HTTPClient.shared.execute(request, timeout: .seconds(5))
                #expect(response.status == .badRequest)
                let document = try JSON(
                    parsing: Array(await response.body.collect(upTo: 1 << 20).readableBytesView))
                #expect(document["error"]?["type"] == "invalid_request_error")
            }
        }
    }

    @Test func `Many requests at once are all answered`() async throws {
        try await withSimulator(Self.quick) { client, server in
            try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        try await client.complete(.fixture(messages: [.user("What is \(number) * 3?")])).text
                    }
                }
                var answers: Set<String> = []
                for try await answer in group { answers.insert(answer) }
                #expect(answers == Set((0..<200).map { "The answer is \($0 * 3)." }))
            }
            #expect(server.stats["by_status"]?["200"] == 200)
        }
    }
}

/// A simulator on a port of its own and a client for it; both end with the body.
func withSimulator(
    _ settings: SimulatorSettings, limits: TimeLimits = TimeLimits(),
    onRateLimits: (@Sendable (ModelName, RateLimitReading) -> Void)? = nil,
    _ body: @escaping @Sendable (OpenAIChatClient, SimulatorServer) async throws -> Void
) async throws {
    let server = SimulatorServer(settings: settings)
    let (ports, port) = AsyncStream<Int>.makeStream()
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run { port.yield($0) } }
        let number = try #require(await ports.first { _ in true })
        try await withClient(
            "http://127.0.0.1:\(number)/v1", limits: limits, onRateLimits: onRateLimits
        ) { client in
            try await body(client, server)
        }
        group.cancelAll()
        while let _ = try? await group.next() {}
    }
}
