import ParleyCore
import ProviderStack
import Testing

@Suite(.timeLimit(.minutes(1))) struct FallingBackTests {
    private func other(_ name: ProviderName = "anthropic") -> ScriptedVoice {
        ScriptedVoice([.answer("From \(name).")], name: name)
    }

    @Test(arguments: [Failure.Kind.quotaExhausted, .unauthorized, .contextTooLong])
    func `What the advice says another might do better is asked of the next at once`(kind: Failure.Kind) async
    {
        let voice = ScriptedVoice([.fail(kind)])
        let bench = StackBench([voice, other()])
        #expect(await bench.ask().text == "From anthropic.")
        #expect(voice.requests.count == 1 && bench.clock.waits == [])
        #expect(bench.observer.heard.fallbacks == ["openai/model to anthropic/model: \(kind.rawValue)"])
    }

    @Test(arguments: [Failure.Kind.rejected, .contentRefused, .cancelled, .budgetReached])
    func `What nobody would do better is not asked of the next`(kind: Failure.Kind) async {
        let next = other()
        #expect(await StackBench([ScriptedVoice([.fail(kind)]), next]).ask().failure?.kind == kind)
        #expect(next.requests.isEmpty)
    }

    @Test func `A 429 that says quota is no rate limit: that provider is stopped at once and passed over`()
        async
    {
        let voice = ScriptedVoice([.fail(.quotaExhausted, code: "insufficient_quota")])
        let bench = StackBench([voice, other()])
        #expect(await bench.ask().text == "From anthropic.")
        #expect(await bench.ask().text == "From anthropic.")
        #expect(voice.requests.count == 1)
        bench.clock.advance(by: .seconds(301))
        _ = await bench.ask()
        #expect(voice.requests.count == 2)
    }

    @Test func `A provider without money is asked all the same where there is no other`() async {
        let voice = ScriptedVoice([.fail(.quotaExhausted), .answer()])
        let bench = StackBench([voice])
        #expect(await bench.ask().failure?.kind == .quotaExhausted)
        #expect(await bench.ask().text == "Fine.")
    }

    @Test func `When the retries are used up the next one is asked`() async {
        let voice = ScriptedVoice([.fail(.emptyReply)])
        let bench = StackBench([voice, other()])
        #expect(await bench.ask().text == "From anthropic.")
        #expect(voice.requests.count == 4)
    }

    @Test func `A wish over the cap goes to the next one`() async {
        let voice = ScriptedVoice([.fail(.rateLimited, retryAfter: .seconds(3600))])
        let bench = StackBench([voice, other()])
        #expect(await bench.ask().text == "From anthropic.")
        #expect(bench.clock.waits == [])
    }

    @Test func `A wish longer than the next one needs is not waited for`() async {
        let voice = ScriptedVoice([.fail(.rateLimited, retryAfter: .seconds(10)), .answer()])
        let bench = StackBench([voice, other()])
        #expect(await bench.ask().text == "From anthropic.")
        #expect(voice.requests.count == 1 && bench.clock.waits == [])
    }

    @Test func `A wish shorter than the next one needs is waited for`() async throws {
        let voice = ScriptedVoice([.fail(.rateLimited, retryAfter: .seconds(10)), .answer()])
        let bench = StackBench([voice, other()])
        let account = AccountName(provider: "anthropic", fingerprint: "one")
        bench.board.listener(for: account)(
            ModelName("anthropic/model")!,
            RateLimitReading(requests: .init(remaining: 0, resetsIn: .seconds(30))))
        #expect(await bench.ask().text == "Fine.")
        #expect(voice.requests.count == 2 && bench.clock.waits == [.seconds(10)])
    }

    @Test func `While a provider's pause lasts, later requests go to the next one without asking it`() async {
        let voice = ScriptedVoice([.fail(.rateLimited, retryAfter: .seconds(10)), .answer()])
        let bench = StackBench([voice, other()])
        for _ in 0..<3 { #expect(await bench.ask().text == "From anthropic.") }
        #expect(voice.requests.count == 1)
        bench.clock.advance(by: .seconds(11))
        #expect(await bench.ask().text == "Fine.")
    }

    @Test func `A wait without a wish stays with the provider`() async {
        let voice = ScriptedVoice([.fail(.overloaded), .answer()])
        #expect(await StackBench([voice, other()], random: HighRandom()).ask().text == "Fine.")
    }

    @Test func `The last resort is the chain's last element`() async {
        let bench = StackBench([
            ScriptedVoice([.fail(.unauthorized)]), ScriptedVoice([.fail(.quotaExhausted)], name: "anthropic"),
            other("ollama"),
        ])
        #expect(await bench.ask().text == "From ollama.")
        #expect(bench.observer.heard.fallbacks.count == 2)
    }

    @Test func `When all have failed, the last one's failure is the answer`() async {
        let bench = StackBench([
            ScriptedVoice([.fail(.unauthorized)]), ScriptedVoice([.fail(.contextTooLong)], name: "anthropic"),
        ])
        #expect(await bench.ask().failure?.kind == .contextTooLong)
    }

    @Test func `Each candidate is asked by its own model's name`() async {
        let next = other()
        _ = await StackBench([ScriptedVoice([.fail(.unauthorized)]), next]).ask(.fixture(model: "some/thing"))
        #expect(next.requests.map(\.model.description) == ["anthropic/model"])
    }

    @Test func `Whom nobody may ask, offline say, is not asked`() async {
        let voice = ScriptedVoice([.answer()])
        let local = other("ollama")
        let bench = StackBench([voice, local]) { $0.provider == "ollama" }
        #expect(await bench.ask().text == "From ollama.")
        let nobody = StackBench([voice]) { _ in false }
        #expect(await nobody.ask().failure?.kind == .unreachable)
        #expect(voice.requests.isEmpty)
    }

    @Test func `What is put around a request lies inside of the retries`() async {
        let voice = ScriptedVoice([.fail(.overloaded), .answer()])
        let clock = LeapingClock()
        let board = PolicyBoard(time: clock.time, random: SharedRandom(LowRandom()))
        let candidate = PolicyStack.Candidate(
            model: ModelName("openai/model")!, account: AccountName(provider: "openai"), client: voice,
            around: { Shouting(inner: $0) })
        let provider = PolicyStack.compose([candidate], board: board)
        _ = await result { () async throws(Failure) -> Completion in try await provider.complete(.fixture()) }
        #expect(voice.requests.map { $0.messages.last?.content } == ["HELLO?", "HELLO?"])
    }

    private struct Shouting: Provider {
        let inner: any Provider
        var name: ProviderName { inner.name }

        func complete(_ request: CompletionRequest) async throws(Failure) -> Completion {
            var request = request
            for index in request.messages.indices {
                request.messages[index].content = request.messages[index].content.uppercased()
            }
            return try await inner.complete(request)
        }
    }
}
