import BatchExecutor
import ConversationStore
import OrderedCollections
import ParleyCore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct StructuredRunTests {
    private static let valid = #"{"city":"Rome","size":3}"#
    private static let invalid = #"{"city":"Rome"}"#
    /// What the last turn of a request says that asks for a better answer.
    private static let words = """
        The JSON of your answer does not follow the schema:
        - the whole value: must have the member "size"
        Answer again, in full: with the corrected JSON, and nothing before or after it.
        """

    private static func settings(
        retries: Int = 1, streams: Bool = false, fallbacks: [String] = []
    ) -> BatchSettings {
        var settings = BatchSettings.ofRunner(fallbacks: fallbacks, streams: streams)
        settings.schema = [
            "type": "object", "required": ["city", "size"],
            "properties": ["city": ["type": "string"], "size": ["type": "integer"]],
        ]
        settings.schemaRetriesMax = retries
        return settings
    }

    /// Gives these answers to each job, one a turn; the last one goes on for ever.
    private static func answering(_ texts: String..., reason: FinishReason = .stop) -> ScriptedProvider {
        ScriptedProvider { (request, _) throws(Failure) in
            let turn = request.messages.count { $0.role == .assistant }
            var completion = Completion.fixture(answering: request)
            completion.text = texts[min(turn, texts.count - 1)]
            completion.finishReason = reason
            return completion
        }
    }

    private func damage(_ bench: RunnerBench) async throws -> [CheckFinding] {
        try await bench.store.check().filter { $0.severity == .damage }
    }

    @Test func `A valid answer ends its job, and its object is in the result`() async throws {
        let bench = try await RunnerBench()
        let provider = Self.answering(Self.valid)
        let batch = try await bench.enqueue(3, settings: Self.settings())
        let summary = try await bench.runner(provider).run(batches: [batch])

        #expect(summary.done == 3 && summary.retries == 0 && summary.requests == 3)
        let answer = try #require(try await bench.answers(of: batch).first)
        #expect(answer.object == ["city": "Rome", "size": 3])
        #expect(answer.answer == Self.valid)
        await bench.close()
    }

    @Test(arguments: [
        "```json\n\(valid)\n```", "It is \(valid), I think.", String(valid.dropLast()),
        "{'city': 'Rome', 'size': 3}",
    ])
    func `A valid answer may be wrapped or a little broken; its text stays as it came`(text: String)
        async throws
    {
        let bench = try await RunnerBench()
        let batch = try await bench.enqueue(1, settings: Self.settings())
        let summary = try await bench.runner(Self.answering(text)).run(batches: [batch])

        #expect(summary.done == 1 && summary.requests == 1)
        let answer = try #require(try await bench.answers(of: batch).first)
        #expect(answer.object == ["city": "Rome", "size": 3])
        #expect(answer.answer == text)
        await bench.close()
    }

    @Test(arguments: [false, true])
    func `An invalid answer is asked for again, in the same conversation and with the validator's words`(
        streams: Bool
    ) async throws {
        let bench = try await RunnerBench()
        let provider = Self.answering(Self.invalid, Self.valid)
        let batch = try await bench.enqueue(2, settings: Self.settings(streams: streams))
        let summary = try await bench.runner(provider).run(batches: [batch])

        #expect(summary.done == 2 && summary.failed == 0)
        #expect(summary.requests == 4 && summary.retries == 2)
        let second = try #require(provider.requests.first { $0.messages.count == 3 })
        #expect(second.messages.first?.content.hasPrefix("question ") == true)
        #expect(Array(second.messages.dropFirst()) == [.assistant(Self.invalid), .user(Self.words)])
        #expect(Set(provider.requests.map(\.idempotencyKey)).count == 4)
        let answer = try #require(try await bench.answers(of: batch).first)
        #expect(answer.state == "done" && answer.attempts == 2)
        #expect(answer.answer == Self.valid && answer.object == ["city": "Rome", "size": 3])
        #expect(try await damage(bench) == [])
        await bench.close()
    }

    @Test func `What stays invalid fails, with the validator's words, and its text is kept`() async throws {
        let bench = try await RunnerBench()
        let provider = Self.answering(Self.invalid, "I give up.")
        let batch = try await bench.enqueue(
            1, settings: Self.settings(fallbacks: ["simulator/other"]))
        let summary = try await bench.runner(provider).run(batches: [batch])

        #expect(summary.failed == 1 && summary.requests == 2 && summary.retries == 1)
        #expect(summary.failedExamples.first?.message.hasSuffix("holds no JSON that can be read") == true)
        let answer = try #require(try await bench.answers(of: batch).first)
        #expect(answer.state == "failed" && answer.object == nil)
        #expect(answer.answer == "I give up.")
        #expect(answer.error?.kind == "invalidAnswer")
        #expect(answer.error?.message == "the answer holds no JSON that can be read")
        #expect(Set(provider.requests.map(\.model.description)) == ["simulator/sim-small"])
        let failures = try await bench.store.failures(FailureQuery(kind: .invalidAnswer))
        #expect(failures.count == 2)
        #expect(try await damage(bench) == [])
        await bench.close()
    }

    @Test(arguments: [0, 1, 2, 10])
    func `It is asked again as often as the batch says`(retries: Int) async throws {
        let bench = try await RunnerBench()
        let provider = Self.answering(Self.invalid)
        var settings = Self.settings(retries: retries)
        settings.attemptsMax = 20
        let batch = try await bench.enqueue(1, settings: settings)
        let summary = try await bench.runner(provider).run(batches: [batch])

        #expect(summary.failed == 1 && summary.requests == retries + 1 && summary.retries == retries)
        #expect(provider.requests.map(\.messages.count) == (0...retries).map { 1 + 2 * $0 })
        await bench.close()
    }

    @Test func `Invalid answers are paid for, and the bill says so`() async throws {
        let bench = try await RunnerBench()
        let price = Picodollars(10 * 150_000 + 5 * 600_000)
        let batch = try await bench.enqueue(2, settings: Self.settings())
        let summary = try await bench.runner(
            Self.answering(Self.invalid, Self.valid), concurrency: 1, budget: Picodollars(dollars: "1")
        ).run(batches: [batch])

        #expect(summary.done == 2)
        #expect(summary.cost == Picodollars(4 * price.value) && summary.spent == summary.cost)
        let billed = try #require(try await bench.store.usage(UsageQuery()).first)
        #expect(billed.cost == summary.cost && billed.failures == 2)
        #expect(try await damage(bench) == [])
        await bench.close()
    }

    @Test func `An answer that was cut off is not asked for again`() async throws {
        let bench = try await RunnerBench()
        let provider = Self.answering(#"{"city":"Rome","size":3"#, reason: .length)
        let batch = try await bench.enqueue(1, settings: Self.settings(retries: 5))
        let summary = try await bench.runner(provider).run(batches: [batch])

        #expect(summary.failed == 1 && summary.requests == 1)
        let answer = try #require(try await bench.answers(of: batch).first)
        #expect(answer.error?.message.hasSuffix("raise --max-tokens") == true)
        #expect(answer.answer == #"{"city":"Rome","size":3"#)
        await bench.close()
    }

    @Test func `A run that stops after an invalid answer leaves it to the next one to ask again`()
        async throws
    {
        let bench = try await RunnerBench()
        let batch = try await bench.enqueue(1, settings: Self.settings())
        let stopping = Mutex<BatchRunner?>(nil)
        let first = ScriptedProvider { (request, _) throws(Failure) in
            await stopping.withLock { $0 }?.stop()
            var completion = Completion.fixture(answering: request)
            completion.text = Self.invalid
            return completion
        }
        let runner = bench.runner(first)
        stopping.withLock { $0 = runner }
        #expect(try await runner.run(batches: [batch]).waiting == 1)
        stopping.withLock { $0 = nil }

        let second = Self.answering("not asked", Self.valid)
        #expect(try await bench.runner(second).run(batches: [batch]).done == 1)
        #expect(second.requests.map(\.messages.last) == [.user(Self.words)])
        await bench.close()
    }

    @Test func `A request that was lost on its second turn is repeated under its own key`() async throws {
        let bench = try await RunnerBench()
        let batch = try await bench.enqueue(1, settings: Self.settings())
        let lost = ScriptedProvider { (request, _) throws(Failure) in
            if request.messages.count > 1 { throw .fixture(.cancelled, of: request) }
            var completion = Completion.fixture(answering: request)
            completion.text = Self.invalid
            return completion
        }
        #expect(try await bench.runner(lost).run(batches: [batch]).unknown == 1)
        let again = Self.answering("not asked", Self.valid)
        #expect(try await bench.runner(again).run(batches: [batch]).done == 1)
        #expect(again.requests.map(\.idempotencyKey) == [lost.requests.last?.idempotencyKey])
        await bench.close()
    }

    @Test func `Whoever asks for what was lost goes on with its conversation`() async throws {
        let bench = try await RunnerBench()
        let batch = try await bench.enqueue(1, settings: Self.settings())
        let lost = ScriptedProvider { (request, _) throws(Failure) in
            if request.messages.count > 1 { throw .fixture(.cancelled, of: request) }
            var completion = Completion.fixture(answering: request)
            completion.text = Self.invalid
            return completion
        }
        _ = try await bench.runner(lost, unknownPolicy: .hold).run(batches: [batch])
        #expect(try await bench.store.retry(batch: batch.id, states: [.unknown]) == 1)
        let again = Self.answering("not asked", Self.valid)
        #expect(try await bench.runner(again).run(batches: [batch]).done == 1)
        #expect(again.requests.map(\.messages.count) == [3])
        await bench.close()
    }

    @Test func `Failures of the network between the turns leave the conversation as it was`() async throws {
        let bench = try await RunnerBench()
        let batch = try await bench.enqueue(1, settings: Self.settings())
        let provider = ScriptedProvider { (request, earlier) throws(Failure) in
            if earlier < 2 { throw .fixture(.overloaded, of: request) }
            var completion = Completion.fixture(answering: request)
            completion.text = request.messages.count > 1 ? Self.valid : Self.invalid
            return completion
        }
        let summary = try await bench.runner(provider).run(batches: [batch])
        #expect(summary.done == 1 && summary.requests == 6)
        #expect(provider.requests.map(\.messages.count) == [1, 1, 1, 3, 3, 3])
        await bench.close()
    }

    @Test func `Whoever asks for a failed job anew begins a new conversation`() async throws {
        let bench = try await RunnerBench()
        let batch = try await bench.enqueue(1, settings: Self.settings(retries: 0))
        _ = try await bench.runner(Self.answering(Self.invalid)).run(batches: [batch])
        #expect(try await bench.store.retry(batch: batch.id, states: [.failed]) == 1)
        let again = Self.answering(Self.valid)
        #expect(try await bench.runner(again).run(batches: [batch]).done == 1)
        #expect(again.requests.map(\.messages.count) == [1])
        await bench.close()
    }

    @Test func `A wish for a tool is no answer yet, and follows no schema`() async throws {
        let bench = try await RunnerBench()
        let batch = try await bench.enqueue(1, settings: Self.settings())
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            var completion = Completion.fixture(answering: request)
            completion.toolCalls = [ToolCall(id: "call_1", name: "look_up", arguments: .parsed([:]))]
            return completion
        }
        #expect(try await bench.runner(provider).run(batches: [batch]).done == 1)
        await bench.close()
    }

    @Test func `A batch from before there was a check goes on without one`() async throws {
        let bench = try await RunnerBench()
        var settings = Self.settings()
        settings.schema = ["type": "object", "unevaluatedProperties": false]
        let batch = try await bench.enqueue(2, settings: settings)
        let summary = try await bench.runner(Self.answering(Self.invalid)).run(batches: [batch])
        #expect(summary.done == 2)
        #expect(try await bench.answers(of: batch).first?.object == ["city": "Rome"])
        await bench.close()
    }
}
