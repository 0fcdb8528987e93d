import ParleyCore
import ProviderSimulator
import Testing

@Suite struct AnthropicCacheTests {
    private let system = CacheBench.text("y", tokens: 1500)
    private let marks = [CacheMark(.system)]

    @Test func `Nothing is cached without a mark`() {
        var bench = CacheBench("claude-sonnet-5")
        _ = bench.ask("one", system: system, at: 0)
        let usage = bench.ask("one", system: system, at: 20)
        #expect(usage.cacheRead == 0 && usage.cacheWrite == 0)
    }

    @Test func `What stands before a mark is written once and then read`() {
        var bench = CacheBench("claude-sonnet-5")
        let first = bench.ask("one", system: system, marks: marks, at: 0)
        #expect(first.cacheWrite5m >= 1500 && first.cacheRead == 0)
        #expect(first.inputUncached > 0 && first.inputUncached < 10)
        let second = bench.ask("two", system: system, marks: marks, at: 20)
        #expect(second.cacheRead == first.cacheWrite5m && second.cacheWrite == 0)
        #expect(second.inputUncached == first.inputUncached)
    }

    @Test func `Two requests at once both write`() {
        var bench = CacheBench("claude-sonnet-5")
        _ = bench.ask("one", system: system, marks: marks, at: 0)
        let second = bench.ask("two", system: system, marks: marks, at: 2.9)
        #expect(second.cacheRead == 0 && second.cacheWrite5m >= 1500)
        #expect(bench.ask("three", system: system, marks: marks, at: 3).cacheRead >= 1500)
    }

    @Test(arguments: [
        ("claude-opus-5", 512), ("claude-sonnet-5", 1024), ("claude-sonnet-4-5-20250929", 1024),
        ("claude-opus-4-1", 1024), ("claude-3-haiku-20240307", 2048), ("claude-opus-4-7", 2048),
        ("claude-opus-4.6", 4096), ("claude-haiku-4-5", 4096),
    ])
    func `Each model has a least length`(model: String, tokens: Int) {
        var bench = CacheBench(model)
        let below = CacheBench.text("a", tokens: tokens - 8)
        let above = CacheBench.text("b", tokens: tokens + 1)
        #expect(bench.ask("one", system: below, marks: marks, at: 0).cacheWrite == 0)
        #expect(bench.ask("one", system: above, marks: marks, at: 0).cacheWrite >= tokens)
    }

    @Test func `Five minutes begin anew with each use`() {
        var bench = CacheBench("claude-sonnet-5")
        _ = bench.ask("one", system: system, marks: marks, at: 0)
        #expect(bench.ask("two", system: system, marks: marks, at: 290).cacheRead > 0)
        #expect(bench.ask("three", system: system, marks: marks, at: 580).cacheRead > 0)
        #expect(bench.ask("four", system: system, marks: marks, at: 580 + 301).cacheRead == 0)
    }

    @Test func `Asked for, an entry lives an hour, and is billed apart`() {
        var bench = CacheBench("claude-sonnet-5")
        let marks = [CacheMark(.system, isLong: true)]
        let first = bench.ask("one", system: system, marks: marks, at: 0)
        #expect(first.cacheWrite1h >= 1500 && first.cacheWrite5m == 0)
        #expect(bench.ask("two", system: system, marks: marks, at: 3590).cacheRead > 0)
        #expect(bench.ask("three", system: system, marks: marks, at: 3590 + 3601).cacheRead == 0)
    }

    @Test func `A later mark writes only what lies beyond the entry that was read`() {
        var bench = CacheBench("claude-sonnet-5")
        let first = bench.ask("one", system: system, marks: marks, at: 0)
        let document = CacheBench.text("d", tokens: 600)
        let both = marks + [CacheMark(.message(0))]
        let second = bench.ask(document, system: system, marks: both, at: 20)
        #expect(second.cacheRead == first.cacheWrite5m)
        #expect(second.cacheWrite5m >= 600 && second.cacheWrite5m < 620)
        let third = bench.ask(document, system: system, marks: both, at: 40)
        #expect(third.cacheRead == second.cacheRead + second.cacheWrite5m && third.cacheWrite == 0)
    }

    @Test func `A mark looks back over twenty blocks and no more`() {
        func usage(turnsBetween: Int) -> Usage {
            var bench = CacheBench("claude-sonnet-5")
            var request = CompletionRequest.fixture("go", system: system, model: "simulator/claude-sonnet-5")
            _ = bench.engine.answer(to: SimulatedQuestion(request, marks: marks))
            request.messages += (0..<turnsBetween - 1).map { .user("turn \($0)") }
            let end = [CacheMark(.message(request.messages.count - 1))]
            let question = SimulatedQuestion(request, marks: end)
            return bench.engine.answer(to: question, at: .start + .seconds(20))?.completion.usage ?? Usage()
        }
        #expect(usage(turnsBetween: 20).cacheRead >= 1500)
        #expect(usage(turnsBetween: 21).cacheRead == 0)
    }

    @Test func `A mark may stand inside a message`() {
        var bench = CacheBench("claude-sonnet-5")
        let document = CacheBench.text("d", tokens: 1200)
        let marks = [CacheMark(.message(0), bytes: document.utf8.count)]
        let first = bench.ask(document + "What is it?", marks: marks, at: 0)
        #expect(first.cacheWrite5m >= 1200)
        #expect(bench.ask(document + "Who wrote it?", marks: marks, at: 20).cacheRead == first.cacheWrite5m)
    }

    @Test func `In process the prompt is marked as a wire client would mark it`() throws {
        var engine = CacheBench("claude-sonnet-5").engine
        var request = CompletionRequest.fixture("one", system: system, model: "simulator/claude-sonnet-5")
        let question = SimulatedQuestion(marking: request)
        #expect(question.marks == [CacheMark(.system)])
        #expect(engine.answer(to: question)?.completion.usage?.cacheWrite5m ?? 0 >= 1500)
        request.sharedMessages = 1
        #expect(SimulatedQuestion(marking: request).marks.last == CacheMark(.message(0)))
    }
}
