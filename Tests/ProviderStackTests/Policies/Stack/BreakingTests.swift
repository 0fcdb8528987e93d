import ParleyCore
import ProviderStack
import Testing

@Suite(.timeLimit(.minutes(1))) struct BreakingTests {
    private let once = RetryPolicy(otherRetriesMax: 0)

    @Test func `Five failures in a row open the breaker; for thirty seconds nothing is sent`() async {
        let voice = ScriptedVoice([.fail(.overloaded)])
        let bench = StackBench([voice], retry: once)
        for _ in 0..<5 { #expect(await bench.ask().failure?.kind == .overloaded) }
        bench.clock.advance(by: .milliseconds(29_900))
        let failure = await bench.ask().failure
        #expect(failure?.kind == .circuitOpen && failure?.retryAfter == .milliseconds(100))
        #expect(
            failure?.message
                == "left alone for 100 ms after failures in a row; the last one: scripted overloaded")
        #expect(voice.requests.count == 5)
    }

    @Test func `After the rest one probe is let through, and its success closes the breaker`() async {
        let steps = [ScriptedVoice.Step](repeating: .fail(.unreachable), count: 5)
        let voice = ScriptedVoice(steps + [.answer()])
        let bench = StackBench([voice], retry: once)
        for _ in 0..<5 { _ = await bench.ask() }
        bench.clock.advance(by: .seconds(30))
        #expect(await bench.ask().text == "Fine.")
        #expect(await bench.ask().text == "Fine.")
    }

    @Test func `While the probe is in the air nobody else is let through`() async throws {
        let steps = [ScriptedVoice.Step](repeating: .fail(.unreachable), count: 5)
        let voice = ScriptedVoice(steps + [.hang])
        let bench = StackBench([voice], retry: once)
        for _ in 0..<5 { _ = await bench.ask() }
        bench.clock.advance(by: .seconds(30))
        let probe = Task { await bench.ask() }
        while voice.requests.count < 6 { await Task.yield() }
        #expect(await bench.ask().failure?.kind == .circuitOpen)
        probe.cancel()
        #expect(await probe.value.failure?.kind == .cancelled)
        #expect(voice.requests.count == 6)
    }

    @Test func `An open breaker falls back at once`() async {
        let voice = ScriptedVoice([.fail(.overloaded)])
        let next = ScriptedVoice([.answer("From anthropic.")], name: "anthropic")
        let bench = StackBench([voice, next], retry: once)
        for _ in 0..<8 { #expect(await bench.ask().text == "From anthropic.") }
        #expect(voice.requests.count == 5 && bench.clock.waits == [])
    }

    @Test func `A breaker that opens between two tries ends them`() async {
        let voice = ScriptedVoice([.fail(.overloaded)])
        let bench = StackBench([voice])
        #expect(await bench.ask().failure?.kind == .circuitOpen)
        #expect(voice.requests.count == 5)
    }

    @Test func `Its state survives a restart, and so does a pause`() async {
        let memory = VolatilePolicyMemory()
        let clock = LeapingClock()
        let bench = StackBench(
            [ScriptedVoice([.fail(.unreachable)])], retry: once, memory: memory, clock: clock)
        for _ in 0..<5 { _ = await bench.ask() }
        let voice = ScriptedVoice([.answer()])
        let restarted = StackBench([voice], memory: memory, clock: clock)
        #expect(await restarted.ask().failure?.kind == .circuitOpen)

        let limited = ScriptedVoice([.fail(.rateLimited, retryAfter: .seconds(40))], name: "anthropic")
        var request = CompletionRequest.fixture()
        request.retriesMax = 0
        _ = await StackBench([limited], memory: memory, clock: clock).ask(request)
        let later = ScriptedVoice([.answer()], name: "anthropic", clock: clock)
        let before = clock.now
        _ = await StackBench([later], memory: memory, clock: clock).ask()
        #expect(later.askedAt.map { $0.since(before) } == [.seconds(40)])
    }

    @Test func `Two keys of one provider have a breaker each`() async {
        let memory = VolatilePolicyMemory()
        let failing = ScriptedVoice([.fail(.overloaded)])
        let board = PolicyBoard(memory: memory, time: LeapingClock().time)
        func stack(_ key: String, _ voice: ScriptedVoice) -> any Provider {
            PolicyStack.compose(
                [
                    .init(
                        model: ModelName("openai/model")!,
                        account: AccountName(provider: "openai", fingerprint: key), client: voice)
                ], retry: once, board: board)
        }
        for _ in 0..<6 { _ = try? await stack("one", failing).complete(.fixture()) }
        let answer = await result { () async throws(Failure) -> Completion in
            try await stack("two", ScriptedVoice([.answer()])).complete(.fixture())
        }
        #expect(failing.requests.count == 5 && answer.text == "Fine.")
    }
}
