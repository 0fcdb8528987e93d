import BatchExecutor
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
        progress.timeLeft = .seconds(72)
        progress.projectedCost = Picodollars(dollars: "0.022")
        return progress
    }
}

@Suite struct `Progress panel` {
    private func render(_ progress: RunProgress = .fixture(), width: Int = 80, color: Bool = false)
        -> [String]
    {
        PanelFrame.render(progress, title: "questions", width: width, color: color)
    }

    @Test func `It shows jobs, speed, cache, cost and the time that is left`() {
        #expect(
            render() == [
                "questions  running for 34 s",
                "██████████████████████████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░  56 %  112 of 200",
                "done 110  failed 2  running 32  waiting 56  retries 6",
                "1.18k req/min  41.2k tok/min  1 min 12 s left  cache 63 %",
                "cost $0.0123  about $0.0220 at the end",
            ])
    }

    @Test(arguments: [24, 40, 60, 80, 100, 140])
    func `No line is wider than the screen`(width: Int) {
        var progress = RunProgress.fixture()
        progress.isSimulated = true
        progress.waitingFor =
            "the rate limit of openai, which ends in 12 s, and then for a long while for nothing else"
        for line in render(progress, width: width) { #expect(line.count <= width, "\(line)") }
    }

    @Test func `A narrow panel leaves the least important out`() {
        let lines = render(width: 30)
        #expect(lines[2] == "done 110  failed 2  running 32")
        #expect(lines[3] == "1.18k req/min  41.2k tok/min")
    }

    @Test func `Colours are added only where they are wanted, and change no letter`() {
        let plain = render()
        let colored = render(color: true)
        #expect(plain.allSatisfy { !$0.contains("\u{1B}") })
        #expect(colored.contains { $0.contains("\u{1B}[32m") })
        #expect(colored.map { $0.replacing(#/\u{1B}\[[0-9]*m/#, with: "") } == plain)
    }

    @Test func `What holds it up, simulated answers and a stop are said`() {
        var progress = RunProgress.fixture()
        progress.isSimulated = true
        progress.waitingFor = "the rate limit of openai"
        #expect(render(progress).first == "questions  simulated answers  running for 34 s")
        #expect(render(progress).last == "waits for the rate limit of openai")
        progress.isStopping = true
        #expect(render(progress).first?.hasPrefix("stopping questions") == true)
        #expect(render(progress).last == "waits for 32 answers in the air; Ctrl-C again stops at once")
    }

    @Test func `What has no price is never shown as free`() {
        var progress = RunProgress.fixture()
        progress.cost = .zero
        progress.unpriced = 110
        progress.projectedCost = nil
        #expect(render(progress).last == "cost unpriced")
    }

    @Test func `Nothing done yet is no division by nothing`() {
        #expect(render(RunProgress())[1].hasSuffix("–  0 of 0"))
    }

    @Test func `Without a terminal it is one line`() {
        #expect(
            PanelFrame.line(.fixture())
                == "112 of 200 finished · 2 failed · 32 running · 1.18k req/min · 41.2k tok/min · cache 63 % · "
                + "cost $0.0123 · 1 min 12 s left")
    }
}

@Suite struct `Run summary` {
    private func lines(_ change: (inout RunSummary) -> Void, continuation: String? = nil) -> [String] {
        var summary = RunSummary()
        summary.batches = ["questions"]
        summary.done = 195
        summary.requests = 214
        summary.retries = 14
        summary.seconds = 12.4
        summary.usage = Usage(inputUncached: 15_000, cacheRead: 26_000, output: 9812)
        summary.cost = Picodollars(dollars: "0.0213") ?? .zero
        change(&summary)
        return RunSummaryText(outcome: RunOutcome(summary: summary), continuation: continuation)
            .lines(TextStyle(isColored: false))
    }

    @Test func `It tells of jobs, cached tokens, money and what to do next`() {
        let text = lines({
            $0.failed = 6
            $0.failedExamples = [.init(key: "q17", message: "openai/gpt: the answer was empty")]
        })
        #expect(
            text == [
                "jobs     195 done, 6 failed in 12 s, 214 requests, 14 of them retries",
                "tokens   41,000 in, 26,000 of them from a cache (63.4 %); 9,812 out",
                "cost     $0.0213",
                "failed   q17: openai/gpt: the answer was empty",
                "         and 5 more",
            ])
    }

    @Test func `After a stop it says why and how to go on`() {
        let text = lines(
            {
                $0.stopped = .budget
                $0.stopDetail = "the next request could pass the budget of $0.02"
                $0.waiting = 5
            }, continuation: "parley run questions --budget 0.04")
        #expect(text.contains("stopped  the next request could pass the budget of $0.02"))
        #expect(text.last == "next     parley run questions --budget 0.04")
    }

    @Test func `Simulated answers are labelled`() {
        #expect(lines { $0.isSimulated = true }.contains("note     the answers are simulated"))
    }

    @Test func `The end of a run has the status that scripts wait for`() {
        func status(_ change: (inout RunSummary) -> Void, wasTerminated: Bool = false) -> Int32 {
            var summary = RunSummary()
            change(&summary)
            return RunOutcome(summary: summary, wasTerminated: wasTerminated).status.rawValue
        }
        #expect(status { _ in } == 0)
        #expect(status { $0.failed = 1 } == 2)
        #expect(status { $0.stopped = .budget } == 3)
        #expect(status { $0.stopped = .providers } == 3)
        #expect(status { $0.stopped = .signal } == 130)
        #expect(status({ $0.stopped = .signal }, wasTerminated: true) == 143)
    }

    @Test func `The command that goes on repeats what was chosen, with twice the budget that stopped it`() {
        var summary = RunSummary()
        summary.batches = ["my questions"]
        summary.waiting = 5
        summary.stopped = .budget
        let settings = RunSettings(concurrency: 8, budget: Picodollars(dollars: "1.5"))
        #expect(
            RunOptions.continuation(of: summary, settings, database: "a.db")
                == "parley run 'my questions' --concurrency 8 --budget 3.00 --database a.db")
        summary.waiting = 0
        #expect(RunOptions.continuation(of: summary, settings, database: nil) == nil)
    }
}
