import ParleyCore
import ProviderStack
import Testing

@Suite(.timeLimit(.minutes(1))) struct RetryingTests {
    @Test(arguments: [
        Failure.Kind.rateLimited, .overloaded, .unreachable, .timedOut, .malformedReply, .emptyReply,
        .streamBroken,
    ])
    func `What passes is asked again, whole or streamed`(kind: Failure.Kind) async {
        for streams in [false, true] {
            let voice = ScriptedVoice([.fail(kind), .answer()])
            let bench = StackBench([voice])
            let result = streams ? await bench.listen().result : await bench.ask()
            #expect(result.text == "Fine.")
            #expect(bench.observer.kinds == [kind, nil])
        }
    }

    @Test(arguments: [
        Failure.Kind.quotaExhausted, .unauthorized, .contextTooLong, .contentRefused, .rejected, .cancelled,
        .budgetReached,
    ])
    func `Everything else is asked once`(kind: Failure.Kind) async {
        let voice = ScriptedVoice([.fail(kind)])
        let bench = StackBench([voice])
        #expect(await bench.ask().failure?.kind == kind)
        #expect(voice.requests.count == 1)
        #expect(bench.clock.waits == [])
    }

    @Test
    func
        `A rate limit is retried ten times, each wait drawn up to the double of the one before, at most 120 s`()
        async
    {
        let voice = ScriptedVoice([.fail(.rateLimited)])
        let bench = StackBench([voice], random: HighRandom())
        #expect(await bench.ask().failure?.kind == .rateLimited)
        #expect(voice.requests.count == 11)
        let seconds = [2, 4, 8, 16, 32, 64, 120, 120, 120, 120]
        #expect(bench.clock.waits == seconds.map { .seconds($0) })
    }

    @Test func `With full jitter a wait can be none at all`() async {
        let bench = StackBench([ScriptedVoice([.fail(.overloaded), .answer()])], random: LowRandom())
        #expect(await bench.ask().text == "Fine.")
        #expect(bench.clock.waits == [.zero])
    }

    @Test func `The server's wish is kept to, with a part of a second on top`() async {
        let voice = ScriptedVoice([.fail(.rateLimited, retryAfter: .seconds(17)), .answer()])
        let bench = StackBench([voice], random: HighRandom())
        #expect(await bench.ask().text == "Fine.")
        #expect(bench.clock.waits == [.seconds(18)])
    }

    @Test func `A wish over the cap is not waited for`() async {
        let voice = ScriptedVoice([.fail(.rateLimited, retryAfter: .seconds(121))])
        let bench = StackBench([voice])
        #expect(await bench.ask().failure?.retryAfter == .seconds(121))
        #expect(voice.requests.count == 1 && bench.clock.waits == [])
    }

    @Test func `An empty answer is asked for three more times, a second apart`() async {
        let voice = ScriptedVoice([.fail(.emptyReply)])
        let bench = StackBench([voice])
        #expect(await bench.listen().result.failure?.kind == .emptyReply)
        #expect(voice.requests.count == 4)
        #expect(bench.clock.waits == [.seconds(1), .seconds(1), .seconds(1)])
    }

    @Test func `An answer that the length ended before its first word is not asked for again`() async {
        let voice = ScriptedVoice([.fail(.rejected, code: "length")])
        let bench = StackBench([voice, ScriptedVoice([.answer()], name: "anthropic")])
        #expect(await bench.ask().failure?.code == "length")
        #expect(voice.requests.count == 1)
        #expect(bench.observer.heard.fallbacks == [])
    }

    @Test(arguments: [0, 1, 3]) func `A request's own number of retries goes before the policy's`(
        retries: Int
    )
        async
    {
        let voice = ScriptedVoice([.fail(.overloaded)])
        var request = CompletionRequest.fixture()
        request.retriesMax = retries
        _ = await StackBench([voice]).ask(request)
        #expect(voice.requests.count == retries + 1)
    }

    @Test func `All tries of one request carry the same key, and two requests two`() async {
        let first = ScriptedVoice([.fail(.overloaded), .fail(.quotaExhausted)])
        let second = ScriptedVoice([.fail(.timedOut), .answer()], name: "anthropic")
        let bench = StackBench([first, second], random: FixedRandom(state: 8))
        #expect(await bench.ask().text == "Fine.")
        let keys = Set((first.requests + second.requests).map(\.idempotencyKey))
        #expect(first.requests.count == 2 && second.requests.count == 2)
        #expect(keys.count == 1 && keys.first??.hasPrefix("parley-") == true)
        _ = await bench.ask()
        #expect(second.requests.last?.idempotencyKey != keys.first)
    }

    @Test func `A key of the caller's own is kept`() async {
        let voice = ScriptedVoice([.answer()])
        _ = await StackBench([voice]).ask(.fixture(idempotencyKey: "mine"))
        #expect(voice.requests.map(\.idempotencyKey) == ["mine"])
    }

    @Test func `A stream that has spoken is not begun anew: its text is kept in the failure`() async {
        let voice = ScriptedVoice([.say([.text("Half "), .text("of it")], then: .streamBroken), .answer()])
        let other = ScriptedVoice([.answer()], name: "anthropic")
        let bench = StackBench([voice, other])
        let (result, events) = await bench.listen()
        #expect(result.failure?.kind == .streamBroken)
        #expect(result.failure?.partialText == "Half of it")
        #expect(events == [.text("Half "), .text("of it")])
        #expect(voice.requests.count == 1 && other.requests.isEmpty)
    }

    @Test func `A stream that has begun a tool call is not begun anew either`() async {
        let voice = ScriptedVoice([
            .say([.toolCallStarted(id: "1", name: "look")], then: .timedOut), .answer(),
        ])
        let bench = StackBench([voice])
        #expect(await bench.listen().result.failure?.kind == .timedOut)
        #expect(voice.requests.count == 1)
    }

    @Test func `A stream that has only thought is begun anew, and says so`() async {
        let voice = ScriptedVoice([.say([.reasoning("Hm")], then: .streamBroken), .answer()])
        let (result, events) = await StackBench([voice]).listen()
        #expect(result.text == "Fine.")
        #expect(
            events == [
                .reasoning("Hm"), .warning("the answer broke off before its first word and begins anew"),
                .text("Fine."),
            ])
    }

    @Test func `Of a whole answer nothing has been heard, so it is asked for again`() async {
        let voice = ScriptedVoice([.say([.text("Half")], then: .streamBroken), .answer()])
        #expect(await StackBench([voice]).ask().text == "Fine.")
        #expect(voice.requests.count == 2)
    }

    @Test func `Cancelling ends a wait at once`() async {
        let started = AsyncStream.makeStream(of: Void.self)
        let time = TimeSource(
            now: { .seconds(0) },
            sleep: { _ in
                started.continuation.yield()
                try await Task.sleep(for: .seconds(3600))
            })
        let voice = ScriptedVoice([.fail(.overloaded)])
        let board = PolicyBoard(time: time, random: SharedRandom(HighRandom()))
        let model = ModelName("openai/model")!
        let provider = PolicyStack.compose(
            [.init(model: model, account: AccountName(provider: "openai"), client: voice)], board: board)
        let task = Task {
            await result { () async throws(Failure) -> Completion in try await provider.complete(.fixture()) }
        }
        await started.stream.first { _ in true }
        task.cancel()
        let failure = await task.value.failure
        #expect(failure?.kind == .cancelled)
        #expect(failure?.message == "stopped before it was asked again after: scripted overloaded")
        #expect(voice.requests.count == 1)
    }
}
