import NIOConcurrencyHelpers
import OrderedCollections
import ParleyCore
import ProviderSimulator
import ProviderStack
import Testing

/// Every dialect's client against the simulator's server in that dialect: the whole way over the loopback interface.
@Suite struct DialectClientTests {
    @Test(arguments: Dialect.allCases)
    func `A whole answer comes with its usage`(dialect: Dialect) async throws {
        try await withSimulator(in: dialect) { client, _ in
            let request = CompletionRequest.fixture(messages: [.user("What is 17 + 25?")])
            let completion = try await client.complete(request)
            #expect(completion.text == "The answer is 42." && completion.reasoning == nil)
            #expect(completion.finishReason == .stop && completion.model == "asked-model")
            let usage = try #require(completion.usage)
            #expect(usage.inputUncached == 6 && usage.output == 5)
            #expect(usage.cacheRead == 0 && usage.cacheWrite == 0 && usage.reasoning == 0)
        }
    }

    @Test(arguments: Dialect.allCases)
    func `A streamed answer is the whole one in pieces`(dialect: Dialect) async throws {
        try await withSimulator(in: dialect) { client, _ in
            let whole = try await client.complete(.fixture())
            let events = NIOLockedValueBox<[CompletionEvent]>([])
            let streamed = try await client.stream(.fixture()) { event in
                events.withLockedValue { $0.append(event) }
            }
            #expect(streamed.text == whole.text && streamed.usage == whole.usage)
            #expect(streamed.finishReason == whole.finishReason && streamed.model == whole.model)
            #expect(events.withLockedValue { $0.count } > 5)
            var sum = CompletionAccumulator()
            for event in events.withLockedValue({ $0 }) { sum.add(event) }
            #expect(sum.text == whole.text && sum.usage == whole.usage && sum.finishReason == .stop)
        }
    }

    @Test(arguments: Dialect.allCases, [false, true])
    func `A call goes out and its result comes back`(dialect: Dialect, streams: Bool) async throws {
        try await withSimulator(in: dialect) { client, _ in
            var request = CompletionRequest.fixture(
                messages: [.user("Please call the tool.")], tools: [.fixture()])
            let asked = try await streams ? client.stream(request) { _ in } : client.complete(request)
            let call = try #require(asked.toolCalls.first)
            #expect(asked.finishReason == .toolCalls && asked.toolCalls.count == 1 && call.name == "lookup")
            #expect(call.arguments.object?["word"]?.stringValue?.isEmpty == false)
            request.messages += [asked.message, Message(role: .tool, content: "found", toolCallID: call.id)]
            let answered = try await streams ? client.stream(request) { _ in } : client.complete(request)
            #expect(answered.text == "The tool answered: found" && answered.finishReason == .stop)
        }
    }

    @Test(arguments: Dialect.allCases)
    func `A conversation with calls and their results is understood`(dialect: Dialect) async throws {
        try await withSimulator(in: dialect) { client, _ in
            var messages = Array(RequestScenario.transcript.prefix(4))
            let request = CompletionRequest.fixture(messages: messages, tools: [.fixture()])
            let answer = try await client.complete(request).text
            #expect(answer.hasPrefix("The tool answered: the capital of France; "))
            #expect(answer.hasSuffix("no such word"))
            messages = RequestScenario.transcript + [.assistant("A city."), .user("What is 17 + 25?")]
            let later = CompletionRequest.fixture(messages: messages, tools: [.fixture()])
            let last = try await client.complete(later).text
            #expect(last == "The answer is 42.")
        }
    }

    @Test(arguments: Dialect.allCases, [false, true])
    func `Reasoning is kept apart, counted, and goes back`(dialect: Dialect, streams: Bool) async throws {
        try await withSimulator(in: dialect) { client, _ in
            var request = CompletionRequest.fixture(
                model: "openai/sim-reasoner", messages: [.user("What is 17 + 25?")])
            let first = try await streams ? client.stream(request) { _ in } : client.complete(request)
            #expect(first.text == "The answer is 42.")
            #expect(first.reasoning?.hasPrefix("The question is read first.") == true)
            let usage = try #require(first.usage)
            if dialect == .ollama {
                // Ollama counts them among the output, but not apart.
                #expect(usage.output > 5 && usage.reasoning == 0)
            } else {
                #expect(usage.reasoning > 0 && usage.output == usage.reasoning + 5)
            }
            request.messages += [first.message, .user("And 12 * 12?")]
            let second = try await client.complete(request).text
            #expect(second == "The answer is 144.")
        }
    }

    @Test(arguments: Dialect.allCases)
    func `An answer by schema fits it`(dialect: Dialect) async throws {
        let schema: JSON = [
            "type": "object", "additionalProperties": false, "required": ["capital", "confidence"],
            "properties": ["capital": ["type": "string"], "confidence": ["enum": ["low", "high"]]],
        ]
        try await withSimulator(in: dialect) { client, _ in
            let answer = try await client.complete(
                .fixture(
                    messages: [.user("What is the capital of France?")],
                    responseFormat: .jsonSchema(name: "city", schema: schema, strict: true)))
            let object = try JSON(parsing: answer.text)
            #expect(object["capital"] == "Paris")
            #expect(["low", "high"].contains(object["confidence"]?.stringValue))
        }
    }

    @Test(arguments: Dialect.allCases)
    func `A limit cuts the answer, and says so`(dialect: Dialect) async throws {
        try await withSimulator(in: dialect) { client, _ in
            let completion = try await client.complete(.fixture(maxTokens: 16))
            #expect(completion.finishReason == .length && completion.usage?.output == 16)
        }
    }

    @Test(arguments: Dialect.allCases)
    func `The same idempotency key is answered once and replayed`(dialect: Dialect) async throws {
        try await withSimulator(in: dialect) { client, server in
            let request = CompletionRequest.fixture(idempotencyKey: "k-1")
            let first = try await client.complete(request)
            let second = try await client.complete(request)
            #expect(first.text == second.text && first.usage == second.usage)
            #expect(server.stats["idempotent_replays"] == 1)
            #expect(server.stats["billed"]?["completion_tokens"]?.intValue == first.usage?.output)
        }
    }

    @Test(arguments: [Dialect.openAIChat, .openAIResponses, .anthropic])
    func `Over the limit it answers 429 with the time to wait`(dialect: Dialect) async throws {
        var settings = SimulatorSettings(latency: .zero)
        settings.requestsPerMinute = 2
        let readings = NIOLockedValueBox<[RateLimitReading]>([])
        try await withSimulator(
            in: dialect, settings, onRateLimits: { _, one in readings.withLockedValue { $0.append(one) } }
        ) { client, _ in
            for _ in 0..<2 { _ = try await client.complete(.fixture()) }
            let failure = await failed { () throws(Failure) in try await client.complete(.fixture()) }
            #expect(failure?.kind == .rateLimited && failure?.status == 429)
            let wait = try #require(failure?.retryAfter)
            #expect(wait > .seconds(25) && wait <= .seconds(31))
        }
        let remaining = readings.withLockedValue { $0.map(\.requests.remaining) }
        #expect(remaining == [1, 0, 0])
        let resets = readings.withLockedValue { $0.last?.requests.resetsIn }
        #expect(resets.map { $0 > .seconds(50) && $0 <= .seconds(61) } == true)
    }

    @Test(arguments: [Dialect.openAIChat, .openAIResponses, .anthropic])
    func `Another key is unauthorized, and is not echoed`(dialect: Dialect) async throws {
        var settings = SimulatorSettings(latency: .zero)
        settings.apiKey = "the-right-key"
        try await withSimulator(in: dialect, settings) { client, _ in
            let failure = await failed { () throws(Failure) in try await client.complete(.fixture()) }
            #expect(failure?.kind == .unauthorized && failure?.status == 401)
            #expect(failure?.message.contains(testKey) == false)
        }
    }
}
