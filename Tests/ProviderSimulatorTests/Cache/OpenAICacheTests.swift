import ParleyCore
import ProviderSimulator
import Testing

@Suite struct OpenAICacheTests {
    private let system = CacheBench.text("y", tokens: 1500)

    @Test func `Fewer than 1,024 tokens are never cached, and more in steps of 128`() {
        var bench = CacheBench("gpt-5.4")
        let short = CacheBench.text("x", tokens: 1000)
        #expect(bench.ask("one", system: short, at: 0).cacheRead == 0)
        #expect(bench.ask("two", system: short, at: 20).cacheRead == 0)
        #expect(bench.ask("one", system: system, at: 40).cacheRead == 0)
        let usage = bench.ask("two", system: system, at: 60)
        #expect(usage.cacheRead == 1408 && usage.inputTotal > 1500 && usage.cacheWrite == 0)
    }

    @Test(arguments: ["gpt-5.4", "gpt-5.6-mini", "deepseek-chat", "sim-small", "llama3.2"])
    func `An entry can be read only after the first token of the answer that wrote it`(model: String) {
        var bench = CacheBench(model)
        let flavour: CacheFlavour? = model == "llama3.2" ? .ollama : nil
        func prompt(_ word: String) -> String { CacheBench.text("q", tokens: 1500) + word }
        _ = bench.ask(prompt(""), flavour: flavour, at: 0)
        #expect(bench.ask(prompt(""), flavour: flavour, at: 2.9).cacheRead == 0)
        #expect(bench.ask(prompt(""), flavour: flavour, at: 3.1).cacheRead >= 1024)
    }

    @Test func `Another model has a cache of its own`() {
        var bench = CacheBench("gpt-5.4")
        _ = bench.ask("one", system: system, at: 0)
        var other = CacheBench("gpt-4o")
        other.engine = bench.engine
        #expect(other.ask("one", system: system, at: 20).cacheRead == 0)
    }

    @Test func `An entry is gone after ten idle minutes, and lives five in any case`() {
        var bench = CacheBench("gpt-5.4")
        _ = bench.ask("one", system: system, at: 0)
        #expect(bench.ask("two", system: system, at: 295).cacheRead == 1408)
        #expect(bench.ask("three", system: system, at: 590).cacheRead == 1408)
        #expect(bench.ask("four", system: system, at: 590 + 601).cacheRead == 0)
    }

    @Test func `After an hour it is gone although it was used`() {
        var bench = CacheBench("gpt-5.4")
        for minute in stride(from: 0, to: 60, by: 4) {
            _ = bench.ask("again", system: system, at: Double(minute) * 60)
        }
        #expect(bench.ask("again", system: system, at: 3590).cacheRead > 0)
        #expect(bench.ask("again", system: system, at: 3601).cacheRead == 0)
    }

    @Test func `Asked for, it lives 24 hours`() {
        var bench = CacheBench("gpt-5.4")
        _ = bench.ask("one", system: system, isLong: true, at: 0)
        #expect(bench.ask("two", system: system, isLong: true, at: 23 * 3600).cacheRead == 1408)
        #expect(bench.ask("three", system: system, isLong: true, at: 25 * 3600).cacheRead == 0)
    }

    @Test func `The sixteenth request of a minute meets a machine that knows nothing`() {
        var bench = CacheBench("gpt-5.4")
        let reads = (0..<18).map { bench.ask("\($0)", system: system, at: Double($0) * 3.2).cacheRead }
        #expect(reads[0] == 0 && reads[1...14].allSatisfy { $0 == 1408 })
        #expect(reads[15] == 0 && reads[16] == 1408)
    }

    @Test func `Each key has fifteen requests a minute of its own, and a cache of its own`() {
        var bench = CacheBench("gpt-5.4")
        for number in 0..<15 { _ = bench.ask("\(number)", system: system, key: "a", at: Double(number)) }
        #expect(bench.ask("x", system: system, key: "b", at: 20).cacheRead == 0)
        #expect(bench.ask("y", system: system, key: "b", at: 25).cacheRead == 1408)
    }

    @Test func `The simulator's own models know no machines`() {
        var bench = CacheBench("sim-small")
        let reads = (0..<40).map { bench.ask("\($0)", system: system, at: 4 + Double($0) * 0.1).cacheRead }
        #expect(reads[0] == 0 && reads[39] == 1408)
    }

    @Test func `From GPT-5.6 on an entry ends with the newest message, and writing it is billed`() {
        var bench = CacheBench("gpt-5.6")
        let first = bench.ask("one", system: system, at: 0)
        #expect(first.cacheRead == 0 && first.cacheWrite == first.inputTotal - first.inputUncached)
        #expect(first.cacheWrite >= 1500)
        // Another question behind the same system prompt finds no entry that ends where it parts.
        #expect(bench.ask("two", system: system, at: 20).cacheRead == 0)
        let again = bench.ask("one", system: system, at: 40)
        #expect(again.cacheRead == first.cacheWrite && again.cacheWrite == 0)
    }

    @Test func `From GPT-5.6 on a breakpoint makes the part before it an entry`() {
        var bench = CacheBench("gpt-5.6")
        let marks = [CacheMark(.system)]
        _ = bench.ask("one", system: system, marks: marks, at: 0)
        #expect(bench.ask("two", system: system, marks: marks, at: 20).cacheRead >= 1500)
        #expect(bench.ask("three", system: system, marks: marks, at: 20 + 1801).cacheRead == 0)
    }

    @Test func `Asked for breakpoints only, the newest message is neither kept nor billed`() {
        var bench = CacheBench("gpt-5.6")
        let bare = bench.ask("one", system: system, keepsMarkedOnly: true, at: 0)
        #expect(bare.cacheWrite == 0 && bare.cacheRead == 0)
        #expect(bench.ask("one", system: system, keepsMarkedOnly: true, at: 20).cacheRead == 0)
        let question = CacheBench.text("q", tokens: 500)
        let marks = [CacheMark(.system)]
        let first = bench.ask(question, system: system, marks: marks, keepsMarkedOnly: true, at: 40)
        #expect((1500..<1510).contains(first.cacheWrite) && first.inputUncached >= 500)
        let again = bench.ask(question, system: system, marks: marks, keepsMarkedOnly: true, at: 60)
        #expect(again.cacheRead == first.cacheWrite && again.cacheWrite == 0)
    }

    @Test func `From GPT-5.6 on no request of a minute is sent to another machine`() {
        var bench = CacheBench("gpt-5.6")
        let marks = [CacheMark(.system)]
        let reads = (0..<40).map {
            bench.ask("\($0)", system: system, marks: marks, keepsMarkedOnly: true, at: Double($0) * 1.4)
                .cacheRead
        }
        #expect(reads[0] == 0 && reads[3...].allSatisfy { $0 >= 1500 })
    }
}
