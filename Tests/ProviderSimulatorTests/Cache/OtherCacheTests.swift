import ParleyCore
import ProviderSimulator
import Testing

@Suite struct OtherCacheTests {
    private let system = CacheBench.text("y", tokens: 1500)

    @Test func `DeepSeek keeps what two requests have shared, for the third to read`() {
        var bench = CacheBench("deepseek-chat")
        #expect(bench.ask("one?", system: system, at: 0).cacheRead == 0)
        #expect(bench.ask("two?", system: system, at: 20).cacheRead == 0)
        let third = bench.ask("three?", system: system, at: 40)
        #expect(third.cacheRead == 1472 && third.cacheWrite == 0)
    }

    @Test func `DeepSeek keeps a whole input at once, for a conversation that goes on`() {
        var bench = CacheBench("deepseek-chat")
        var request = CompletionRequest.fixture("one", system: system, model: "simulator/deepseek-chat")
        _ = bench.engine.answer(to: SimulatedQuestion(request))
        request.messages += [.assistant("An answer."), .user("And then?")]
        let usage = bench.engine.answer(to: SimulatedQuestion(request), at: .start + .seconds(20))?
            .completion.usage
        #expect(usage?.cacheRead == 1472)
    }

    @Test func `DeepSeek counts in units of 64 tokens`() {
        var bench = CacheBench("deepseek-chat")
        let short = CacheBench.text("s", tokens: 100)
        for second in [0.0, 20] { _ = bench.ask("\(second)", system: short, at: second) }
        #expect(bench.ask("x", system: short, at: 40).cacheRead == 64)
        let tiny = CacheBench.text("t", tokens: 40)
        for second in [60.0, 80] { _ = bench.ask("same", system: tiny, at: second) }
        #expect(bench.ask("same", system: tiny, at: 100).cacheRead == 0)
    }

    @Test func `DeepSeek remembers for hours`() {
        var bench = CacheBench("deepseek-chat")
        _ = bench.ask("same", system: system, at: 0)
        #expect(bench.ask("same", system: system, at: 3.9 * 3600).cacheRead > 0)
        #expect(bench.ask("same", system: system, at: 8.2 * 3600).cacheRead == 0)
    }

    @Test func `One's own machine remembers only the prompt before`() {
        var bench = CacheBench("llama3.2")
        let other = CacheBench.text("z", tokens: 200)
        _ = bench.ask("one", system: system, flavour: .ollama, at: 0)
        #expect(bench.ask("two", system: system, flavour: .ollama, at: 20).cacheRead >= 1488)
        _ = bench.ask("three", system: other, flavour: .ollama, at: 40)
        #expect(bench.ask("four", system: system, flavour: .ollama, at: 60).cacheRead < 16)
    }

    @Test(arguments: [
        ("gpt-4o", CacheFlavour.openAI), ("gpt-5.5-pro", .openAI), ("gpt-5.6", .openAIBreakpoints),
        ("gpt-5.10", .openAIBreakpoints), ("gpt-6", .openAIBreakpoints), ("o3-mini", .openAI),
        ("deepseek-reasoner", .deepSeek), ("anthropic/claude-opus-5", .anthropic),
        ("openai/gpt-5.6-mini", .openAIBreakpoints), ("sim-small", .plain), ("qwen3", .plain), ("", .plain),
    ])
    func `The flavour is told by the model's name`(model: String, flavour: CacheFlavour) {
        #expect(CacheFlavour(model: model) == flavour)
    }

    @Test(arguments: CacheFlavour.allCases)
    func `The buckets add up to the prompt, whatever the cache did`(flavour: CacheFlavour) {
        var bench = CacheBench("any")
        let marks = [CacheMark(.system, isLong: true), CacheMark(.message(0))]
        for turn in 0..<12 {
            let prompt = "turn \(turn % 3) " + CacheBench.text("p", tokens: 700 * (turn % 4))
            let usage = bench.ask(
                prompt, system: system, marks: marks, flavour: flavour, at: Double(turn) * 2)
            let bare = bench.ask(prompt, system: system, flavour: .plain, at: 100_000 * Double(turn + 1))
            #expect(usage.inputTotal == bare.inputTotal && usage.inputUncached >= 0)
        }
    }
}
