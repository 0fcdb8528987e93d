import BatchExecutor
import ConversationStore
import ParleyCore
import Testing

@testable import parley

extension RunProgress {
    static func fixture() -> RunProgress {
        var progress = RunProgress()
        progress.elapsed = .seconds(34)
        progress.waiting = 56
        progress.running = 32
        progress.done = 110
        progress.failed = 2
        progress.requests = 150
        progress.retries = 6
        progress.requestsPerMinute = 1180
        progress.tokensPerMinute = 41_230
        progress.usage = Usage(inputUncached: 3700, cacheRead: 6300, output: 900)
        progress.cost = Picodollars(dollars: "0.0123") ?? .zero
        progress.spent = progress.cost
        progress.timeLeft = .seconds(62)...Duration.seconds(83)
        progress.projectedCost = range("0.0213", "0.0228")
        return progress
    }

    static func range(_ low: String, _ high: String) -> ClosedRange<Picodollars> {
        (Picodollars(dollars: low) ?? .zero)...(Picodollars(dollars: high) ?? .zero)
    }
}

extension LimitGauge {
    static func fixture(
        _ model: String = "openai/gpt-5.4-mini", requests: Double = 2940, of limit: Int? = 3000,
        tokens: Double = 41_230, ofTokens tokenLimit: Int? = 150_000
    ) -> LimitGauge {
        var gauge = LimitGauge(model: ModelName(model) ?? ModelName(provider: "p", model: model))
        gauge.requests = Meter(used: requests, limit: limit)
        gauge.tokens = Meter(used: tokens, limit: tokenLimit)
        gauge.inputTokens = Meter(used: tokens * 0.9)
        gauge.outputTokens = Meter(used: tokens * 0.1)
        return gauge
    }
}

@Suite struct `Progress panel` {
    private func render(_ progress: RunProgress = .fixture(), width: Int = 80, color: Bool = false)
        -> [String]
    {
        PanelFrame.render(progress, title: "questions", width: width, color: color)
    }

    @Test func `It shows what was reused and what it would have cost`() {
        var progress = RunProgress.fixture()
        progress.reused.answers = 40
        progress.reused.saved = Picodollars(dollars: "0.02") ?? .zero
        #expect(render(progress)[3] == "reused 40 worth $0.0200")
        #expect(render(progress, width: 100)[2].hasSuffix("reused 40 worth $0.0200"))
        #expect(ProgressLine.text(progress).contains(" · 40 reused · "))
    }

    @Test func `It shows jobs, speed, cache, cost and the time that is left`() {
        #expect(
            render() == [
                "questions  running for 34 s",
                "██████████████████████████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░   56 %  112 of 200",
                "done 110  failed   2  running  32  waiting  56  retries 6",
                "1.18k req/min  41.2k tok/min  cache  63 %",
                "cost $0.0123  about $0.021 to $0.023 at the end",
                "about 60 to 85 s left",
            ])
    }

    @Test func `A narrow panel leaves nothing out but takes more lines`() {
        #expect(
            render(width: 40) == [
                "questions  running for 34 s",
                "███████████░░░░░░░░░░   56 %  112 of 200",
                "done 110  failed   2  running  32",
                "waiting  56  retries 6",
                "1.18k req/min  41.2k tok/min",
                "cache  63 %",
                "cost $0.0123",
                "about $0.021 to $0.023 at the end",
                "about 60 to 85 s left",
            ])
    }

    @Test(arguments: [24, 40, 60, 80, 100, 140])
    func `No line is wider than the screen`(width: Int) {
        var progress = RunProgress.fixture()
        progress.isSimulated = true
        progress.budget = Picodollars(dollars: "0.02")
        progress.unknown = 3
        progress.waiting = 1_234_567
        progress.gauges = [.fixture(), .fixture("anthropic/claude-sonnet-5-with-a-very-long-name")]
        progress.waitingFor = RunWait(.limits("the rate limit of openai, and then for nothing else"))
        for line in render(progress, width: width) { #expect(line.count <= width, "\(line)") }
        progress.isStopping = true
        for line in render(progress, width: width) { #expect(line.count <= width, "\(line)") }
    }

    @Test func `Colours are added only where they are wanted, and change no letter`() {
        let plain = render()
        let colored = render(color: true)
        #expect(plain.allSatisfy { !$0.contains("\u{1B}") })
        #expect(colored.contains { $0.contains("\u{1B}[32m") })
        #expect(colored.map { $0.replacing(#/\u{1B}\[[0-9]*m/#, with: "") } == plain)
    }

    @Test func `Nothing moves while numbers grow`() {
        var early = RunProgress.fixture()
        early.done = 7
        early.failed = 0
        early.running = 3
        early.waiting = 190
        early.requestsPerMinute = 95
        let (first, later) = (render(early), render())
        for label in ["failed", "running", "waiting"] {
            #expect(first[2].ranges(of: label) == later[2].ranges(of: label))
        }
        #expect(first[3].firstIndex(of: "r") == later[3].firstIndex(of: "r"))
        #expect(first[1].count == later[1].count)
    }

    @Test func `One model's rates stand against its limits`() {
        var progress = RunProgress.fixture()
        progress.gauges = [.fixture()]
        #expect(
            render(progress)[3] == "2,940 of 3,000 req/min  98 %  41.2k of 150k tok/min  27 %  cache  63 %")
        progress.gauges = [.fixture(ofTokens: nil)]
        #expect(render(progress)[3] == "2,940 of 3,000 req/min  98 %  41.2k tok/min  cache  63 %")
    }

    @Test func `A limit that was found out is marked as such`() {
        var progress = RunProgress.fixture()
        var gauge = LimitGauge.fixture(ofTokens: nil)
        gauge.requests.isLearnt = true
        progress.gauges = [gauge]
        #expect(render(progress)[3] == "2,940 of ~3,000 req/min  98 %  41.2k tok/min  cache  63 %")
    }

    @Test func `Input and output stand apart where the provider limits them apart`() {
        var progress = RunProgress.fixture()
        var gauge = LimitGauge.fixture(of: nil, ofTokens: nil)
        gauge.inputTokens.limit = 50_000
        progress.gauges = [gauge]
        #expect(
            render(progress)[3]
                == "2.94k req/min  37.1k of 50.0k in-tok/min  74 %  4.12k out-tok/min  cache  63 %")
    }

    @Test func `Of several models the busiest have a line each, in steady columns`() {
        var progress = RunProgress.fixture()
        var paused = LimitGauge.fixture("groq/llama", requests: 812, of: 1000, tokens: 900, ofTokens: nil)
        paused.pausedFor = .seconds(12)
        progress.gauges = [.fixture(), paused, .fixture("a/b", requests: 1), .fixture("c/d", requests: 3)]
        let lines = render(progress)
        #expect(lines[3] == "1.18k req/min  41.2k tok/min  cache  63 %")
        #expect(
            Array(lines[4...7]) == [
                "  c/d                      3 of 3,000 req/min   0 %  41.2k of 150k tok/min  27 %",
                "  groq/llama             812 of 1,000 req/min  81 %    900 tok/min  pause 12 s",
                "  openai/gpt-5.4-mini  2,940 of 3,000 req/min  98 %  41.2k of 150k tok/min  27 %",
                "  and 1 model more",
            ])
        #expect(render(progress, width: 59).count < lines.count + 3)
    }

    @Test func `What holds it up, simulated answers and a stop are said`() {
        var progress = RunProgress.fixture()
        progress.isSimulated = true
        progress.waitingFor = RunWait(.limits("the rate limit"))
        #expect(render(progress).first == "questions  simulated answers  running for 34 s")
        #expect(render(progress).last == "about 60 to 85 s left  waits for the rate limit")
        progress.timeLeft = nil
        progress.waitingFor = RunWait(.pause("openai"), left: .milliseconds(11_200))
        #expect(render(progress).last == "waits 12 s: openai asked for a pause")
        progress.isStopping = true
        progress.graceLeft = .seconds(9)
        #expect(render(progress).first?.hasPrefix("stopping questions") == true)
        #expect(
            render(progress).last == "waits for 32 answers in the air, at most 9 s more; Ctrl-C stops at once"
        )
    }

    @Test func `Cost stands against the budget, with what earlier runs spent of it`() {
        var progress = RunProgress.fixture()
        progress.budget = Picodollars(dollars: "5")
        #expect(render(progress)[4] == "cost $0.0123 of $5.00  about $0.021 to $0.023 at the end")
        progress.budget = Picodollars(dollars: "0.022")
        #expect(render(progress)[4].hasPrefix("cost $0.0123 of $0.0220  about"))
        #expect(render(progress)[5] == "perhaps more than the budget")
        progress.spent = Picodollars(dollars: "0.0223") ?? .zero
        #expect(render(progress)[4].hasPrefix("cost $0.0123, $0.0223 of $0.0220 spent in all"))
        #expect(render(progress).contains { $0.contains("more than the budget") && !$0.contains("perhaps") })
    }

    @Test func `What is on its way between two counts does not look like somebody else's money`() {
        var progress = RunProgress.fixture()
        progress.budget = Picodollars(dollars: "5")
        progress.spent = Picodollars(dollars: "0.0125") ?? .zero
        #expect(render(progress)[4].hasPrefix("cost $0.0123 of $5.00  "))
        progress.spentBefore = Picodollars(dollars: "0.0001") ?? .zero
        #expect(render(progress)[4].hasPrefix("cost $0.0123, $0.0125 of $5.00 spent in all"))
    }

    @Test func `What has no price is never shown as free`() {
        var progress = RunProgress.fixture()
        progress.cost = .zero
        progress.unpriced = 110
        progress.projectedCost = nil
        #expect(render(progress)[4] == "cost unpriced")
    }

    @Test func `Before there is evidence nothing is foretold`() {
        var progress = RunProgress.fixture()
        progress.timeLeft = nil
        progress.projectedCost = nil
        #expect(render(progress).last == "cost $0.0123")
    }

    @Test func `Nothing done yet is no division by nothing`() {
        #expect(render(RunProgress())[1].hasSuffix("    –  0 of 0"))
    }

    @Test func `Without a terminal it is one line`() {
        #expect(
            ProgressLine.text(.fixture())
                == "112 of 200 finished · 2 failed · 32 running · 1.18k req/min · 41.2k tok/min · cache 63 % · "
                + "cost $0.0123 · about $0.021 to $0.023 at the end · about 60 to 85 s left")
    }
}

@Suite struct `Ranges in words` {
    @Test(arguments: [
        (3.2, 4.1, "about 3 to 5 s"), (12, 13, "about 10 to 15 s"), (41, 58, "about 40 to 60 s"),
        (62, 83, "about 60 to 85 s"), (20, 110, "less than 2 min"), (40, 110, "about 1 to 2 min"),
        (241, 330, "about 4 to 6 min"), (290, 299, "about 5 min"),
        (4260, 5980, "about 1 h 10 min to 1 h 40 min"),
        (8000, 19_000, "about 2 h 10 min to 5 h 20 min"), (25_000, 40_000, "about 7 to 12 h"),
        (300_000, 400_000, "about 3 to 5 d"), (0.1, 0.2, "less than 1 s"),
    ])
    func `A time is no more exact than its range`(low: Double, high: Double, words: String) {
        #expect(RangeText.duration(.seconds(low)...Duration.seconds(high)) == words)
    }

    @Test(arguments: [
        ("0.0213", "0.0228", "about $0.021 to $0.023"), ("1.372", "1.377", "about $1.37 to $1.38"),
        ("0.02211", "0.02212", "about $0.0221"), ("5", "5", "about $5.00"),
        ("1234", "1822", "about $1,234.00 to $1,822.00"), ("0", "0", "about $0.00"),
    ])
    func `An amount is no more exact than its range`(low: String, high: String, words: String) {
        #expect(RangeText.money(RunProgress.range(low, high)) == words)
    }
}

@Suite struct `The panel's place` {
    @Test func `The first panel is only written`() {
        var place = PanelPlace()
        #expect(place.showing(["a", "b"], width: 80, height: 24) == "a\u{1B}[K\nb\u{1B}[K\n\u{1B}[J")
    }

    @Test func `The next one is written over it, and the same one is not written again`() {
        var place = PanelPlace()
        _ = place.showing(["a", "b"], width: 80, height: 24)
        #expect(place.showing(["c"], width: 80, height: 24) == "\u{1B}[2A\rc\u{1B}[K\n\u{1B}[J")
        #expect(place.showing(["c"], width: 80, height: 24) == nil)
    }

    @Test func `A line is said above the panel`() {
        var place = PanelPlace()
        #expect(place.saying("x", width: 80) == "x\n")
        _ = place.showing(["a"], width: 80, height: 24)
        #expect(place.saying("x", width: 80) == "\u{1B}[1A\rx\u{1B}[K\na\u{1B}[K\n\u{1B}[J")
    }

    @Test func `A window that became narrower has broken the lines, and all of their rows are erased`() {
        var place = PanelPlace()
        _ = place.showing(
            ["\u{1B}[1m\(String(repeating: "a", count: 70))\u{1B}[0m", "b"], width: 80, height: 24)
        #expect(place.showing(["c"], width: 30, height: 24)?.hasPrefix("\u{1B}[4A\r\u{1B}[J") == true)
    }

    @Test func `In a low window the end of the panel is left out`() {
        var place = PanelPlace()
        #expect(place.showing(["a", "b", "c"], width: 80, height: 3) == "a\u{1B}[K\nb\u{1B}[K\n\u{1B}[J")
    }
}
