import ParleyCore
import ProviderStack
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct LimitedTests {
    private func settings(_ limits: RateLimits) -> PolicyBoard.Settings {
        var settings = PolicyBoard.Settings()
        settings.limits = limits
        return settings
    }

    private static func asked(maxTokens: Int? = nil) -> CompletionRequest { .fixture(maxTokens: maxTokens) }

    @Test func `Requests per minute are paced`() async {
        let clock = LeapingClock()
        let voice = ScriptedVoice([.answer()], clock: clock)
        let bench = StackBench([voice], settings: settings(RateLimits(requests: 60)), clock: clock)
        for _ in 0..<4 { _ = await bench.ask() }
        let gaps = zip(voice.askedAt, voice.askedAt.dropFirst()).map { $1.since($0) }
        #expect(gaps.dropFirst().allSatisfy { $0 >= .milliseconds(1006) && $0 <= .milliseconds(1009) })
        #expect(bench.observer.heard.waits.allSatisfy { $0.reason == .pace })
    }

    @Test
    func `Before sending, the estimate and the most output are reserved; after, the real figure counts`()
        async
    {
        let clock = LeapingClock()
        let voice = ScriptedVoice([.answer(usage: Usage(inputUncached: 90, output: 10))], clock: clock)
        let bench = StackBench([voice], settings: settings(RateLimits(tokens: 6000)), clock: clock)
        _ = await bench.ask(Self.asked(maxTokens: 50_000))
        _ = await bench.ask()
        // A hundred tokens are about a second; fifty thousand would be eight minutes.
        let wait = voice.askedAt[1].since(voice.askedAt[0])
        #expect(wait > .milliseconds(400) && wait < .milliseconds(1100))
    }

    @Test func `A failure frees its tokens`() async {
        let clock = LeapingClock()
        let voice = ScriptedVoice([.fail(.rejected), .answer()], clock: clock)
        let bench = StackBench([voice], settings: settings(RateLimits(tokens: 6000)), clock: clock)
        _ = await bench.ask(Self.asked(maxTokens: 50_000))
        _ = await bench.ask()
        #expect(voice.askedAt[1] == voice.askedAt[0])
    }

    @Test func `Input and output are limited apart where the provider counts them apart`() async {
        let clock = LeapingClock()
        let answer = ScriptedVoice.Step.answer(usage: Usage(inputUncached: 10, output: 1000))
        let voice = ScriptedVoice([answer], clock: clock)
        let limits = RateLimits(inputTokens: 1_000_000, outputTokens: 6000)
        let bench = StackBench([voice], settings: settings(limits), clock: clock)
        _ = await bench.ask()
        _ = await bench.ask()
        #expect(voice.askedAt[1].since(voice.askedAt[0]) > .seconds(9))
    }

    @Test func `Each model of an account has limits of its own`() async {
        let clock = LeapingClock()
        let board = PolicyBoard(settings: settings(RateLimits(requests: 1)), time: clock.time)
        let voice = ScriptedVoice([.answer()], clock: clock)
        for model in ["openai/one", "openai/two"] {
            let provider = PolicyStack.compose(
                [.init(model: ModelName(model)!, account: AccountName(provider: "openai"), client: voice)],
                board: board)
            _ = try? await provider.complete(.fixture())
        }
        #expect(clock.waits == [] && voice.requests.count == 2)
    }

    @Test func `A 429's wish pauses everybody on that limiter, with jitter on waking`() async {
        let clock = LeapingClock()
        let voice = ScriptedVoice([.fail(.rateLimited, retryAfter: .seconds(20)), .answer()], clock: clock)
        let bench = StackBench([voice], clock: clock, random: HighRandom())
        var request = CompletionRequest.fixture()
        request.retriesMax = 0
        #expect(await bench.ask(request).failure?.kind == .rateLimited)
        #expect(await bench.ask().text == "Fine.")
        #expect(clock.waits == [.seconds(21)])
        #expect(bench.observer.heard.waits.map(\.reason) == [.pause])
    }

    @Test func `Waiting is counted`() async {
        let bench = StackBench([ScriptedVoice([.answer()])], settings: settings(RateLimits(requests: 6)))
        for _ in 0..<3 { _ = await bench.ask() }
        let tally = bench.board.waits
        #expect(tally.waiting == 0 && tally.waits == 2)
        #expect(tally.waited > .seconds(19) && tally.waited < .seconds(21))
    }

    @Test func `The limit timeout turns a long wait into a failure, which nobody retries`() async {
        let clock = LeapingClock()
        let voice = ScriptedVoice([.answer()], clock: clock)
        let bench = StackBench(
            [voice], settings: settings(RateLimits(requests: 1)), limitTimeout: .seconds(30), clock: clock)
        #expect(await bench.ask().text == "Fine.")
        let failure = await bench.ask().failure
        #expect(failure?.kind == .rateLimited && failure?.code == Failure.limitTimeoutCode)
        #expect(failure?.message.hasPrefix("not sent: the limits would hold it for") == true)
        #expect(voice.requests.count == 1 && clock.waits == [])
    }

    @Test func `After the limit timeout the next one is asked`() async {
        let next = ScriptedVoice([.answer("From anthropic.")], name: "anthropic")
        let bench = StackBench(
            [ScriptedVoice([.answer()]), next], settings: settings(RateLimits(requests: 1)),
            limitTimeout: .seconds(30))
        #expect(await bench.ask().text == "Fine.")
        #expect(await bench.ask().text == "From anthropic.")
    }

    @Test func `No more requests are in the air at once than may be`() async {
        var settings = PolicyBoard.Settings()
        settings.concurrencyMax = 3
        let board = PolicyBoard(settings: settings)
        let counting = CountingVoice()
        let provider = PolicyStack.compose(
            [
                .init(
                    model: ModelName("openai/model")!, account: AccountName(provider: "openai"),
                    client: counting)
            ], board: board)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<40 { group.addTask { _ = try? await provider.complete(.fixture()) } }
        }
        #expect(counting.most <= 3 && counting.all == 40)
        #expect(board.waits.waiting == 0)
    }

    @Test func `Whoever waits for a place in the air can be cancelled, and can time out`() async {
        var settings = PolicyBoard.Settings()
        settings.concurrencyMax = 1
        let voice = ScriptedVoice([.hang])
        let bench = StackBench([voice], settings: settings, limitTimeout: .seconds(5))
        let holder = Task { await bench.ask() }
        while voice.requests.isEmpty { await Task.yield() }
        #expect(await bench.ask().failure?.code == Failure.limitTimeoutCode)
        let patient = StackBench([voice], settings: settings)
        let second = Task { await patient.ask() }
        while voice.requests.count < 2 { await Task.yield() }
        let third = Task { await patient.ask() }
        while patient.board.waits.waiting < 1 { await Task.yield() }
        third.cancel()
        #expect(await third.value.failure?.kind == .cancelled)
        holder.cancel()
        second.cancel()
        _ = await (holder.value, second.value)
        #expect(voice.requests.count == 2)
    }

    @Test func `Told limits hold where the user has set none`() async {
        let clock = LeapingClock()
        let voice = ScriptedVoice([.answer()], clock: clock)
        let bench = StackBench([voice], clock: clock)
        let account = AccountName(provider: "openai", fingerprint: "one")
        let reading = RateLimitReading(requests: .init(limit: 60, remaining: 59))
        bench.board.listener(for: account)(ModelName("openai/model")!, reading)
        for _ in 0..<3 { _ = await bench.ask() }
        #expect(voice.askedAt[2].since(voice.askedAt[0]) > .milliseconds(1400))
    }

    @Test func `The user's own limits go before told ones`() async {
        let bench = StackBench([ScriptedVoice([.answer()])], settings: settings(RateLimits(requests: 60_000)))
        let account = AccountName(provider: "openai", fingerprint: "one")
        bench.board.listener(for: account)(
            ModelName("openai/model")!, RateLimitReading(requests: .init(limit: 1)))
        for _ in 0..<3 { _ = await bench.ask() }
        #expect(bench.clock.waits.reduce(.zero, +) < .seconds(1))
    }

    @Test func `Nothing remaining means silence until the reset`() async {
        let clock = LeapingClock()
        let voice = ScriptedVoice([.answer()], clock: clock)
        let bench = StackBench([voice], clock: clock)
        let account = AccountName(provider: "openai", fingerprint: "one")
        let reading = RateLimitReading { name in
            ["x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6m0s"][name]
        }
        bench.board.listener(for: account)(ModelName("openai/model")!, reading!)
        let before = clock.now
        _ = await bench.ask()
        #expect(voice.askedAt.map { $0.since(before) } == [.seconds(360)])
    }
}

/// Counts how many requests are in the air at once.
private final class CountingVoice: Provider {
    let name: ProviderName = "openai"
    private let counts = Mutex((now: 0, most: 0, all: 0))

    var most: Int { counts.withLock { $0.most } }
    var all: Int { counts.withLock { $0.all } }

    func complete(_ request: CompletionRequest) async throws(Failure) -> Completion {
        counts.withLock { counts in
            counts.now += 1
            counts.all += 1
            counts.most = max(counts.most, counts.now)
        }
        for _ in 0..<20 { await Task.yield() }
        counts.withLock { $0.now -= 1 }
        return Completion(text: "Fine.", model: "model")
    }
}
