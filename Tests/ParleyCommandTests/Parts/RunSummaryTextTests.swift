import BatchExecutor
import ConversationStore
import ParleyCore
import Testing

@testable import parley

@Suite struct `Run summary` {
    private func lines(
        _ change: (inout RunSummary) -> Void, signal: StopSignal? = nil, continuation: String? = nil
    ) -> [String] {
        var summary = RunSummary()
        summary.batches = ["questions"]
        summary.done = 195
        summary.requests = 214
        summary.retries = 14
        summary.seconds = 12.4
        summary.usage = Usage(inputUncached: 15_000, cacheRead: 26_000, output: 9812)
        summary.cost = Picodollars(dollars: "0.0213") ?? .zero
        summary.spent = summary.cost
        change(&summary)
        return RunSummaryText(
            outcome: RunOutcome(summary: summary, signal: signal), continuation: continuation
        ).lines(TextStyle(isColored: false))
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

    @Test func `What was reused is counted with what it would have cost, though nothing was asked`() {
        var sums = ReuseSums()
        sums.answers = 195
        sums.collapsed = 5
        sums.saved = Picodollars(dollars: "1.5") ?? .zero
        let text = lines {
            $0.requests = 0
            $0.retries = 0
            $0.reused = sums
        }
        #expect(text.first == "jobs     195 done in 12 s, 0 requests")
        #expect(
            text.last
                == "reused   195 answers, 5 of them for identical rows; they would have cost $1.50")
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

    @Test func `It says by whom it was stopped`() {
        func stopped(_ signal: StopSignal) -> String? {
            lines({ $0.stopped = .signal }, signal: signal).first { $0.hasPrefix("stopped") }
        }
        #expect(stopped(.interrupt) == "stopped  by you; everything is kept")
        #expect(stopped(.terminate) == "stopped  by SIGTERM; everything is kept")
        #expect(stopped(.hangup) == "stopped  because the terminal was closed; everything is kept")
    }

    @Test func `What was waited for is counted, the blinks left out`() {
        let text = lines {
            $0.waits = [
                .init(.limits("the rate limit"), .seconds(200)), .init(.pause("openai"), .seconds(12)),
                .init(.rest("groq"), .seconds(30)), .init(.budget, .milliseconds(400)),
            ]
        }
        #expect(
            text.contains(
                "waits    3 min 20 s for the rate limit, 12 s for a pause that openai asked for, "
                    + "30 s for groq, which rested after failures"))
    }

    @Test func `Cost stands against the budget, earlier runs included`() {
        let budget = Picodollars(dollars: "5")
        #expect(lines { $0.budget = budget }.contains("cost     $0.0213 of the budget of $5.00"))
        let text = lines {
            $0.budget = budget
            $0.spent = Picodollars(dollars: "1.2") ?? .zero
        }
        #expect(text.contains("cost     $0.0213; $1.20 of the budget of $5.00 in all"))
    }

    @Test func `Simulated answers are labelled`() {
        #expect(lines { $0.isSimulated = true }.contains("note     the answers are simulated"))
    }

    @Test func `The end of a run has the status that scripts wait for`() {
        func status(_ change: (inout RunSummary) -> Void, _ signal: StopSignal? = nil) -> Int32 {
            var summary = RunSummary()
            change(&summary)
            return RunOutcome(summary: summary, signal: signal).status.rawValue
        }
        #expect(status { _ in } == 0)
        #expect(status { $0.failed = 1 } == 2)
        #expect(status { $0.stopped = .budget } == 3)
        #expect(status { $0.stopped = .providers } == 3)
        #expect(status { $0.stopped = .signal } == 130)
        #expect(status({ $0.stopped = .signal }, .terminate) == 143)
        #expect(status({ $0.stopped = .signal }, .hangup) == 129)
    }
}

@Suite struct `The command that goes on` {
    private func command(
        _ continuation: Continuation, _ change: (inout RunSummary) -> Void = { _ in }
    ) -> String? {
        var summary = RunSummary()
        summary.batches = ["my questions"]
        summary.waiting = 5
        change(&summary)
        return continuation.command(after: summary)
    }

    @Test func `It repeats every choice that was made`() {
        let settings = RunSettings(
            concurrency: 8, requestsPerMinute: 500, tokensPerMinute: 90_000,
            budget: Picodollars(dollars: "1.5"), unknownPolicy: .hold, watches: true,
            leaseDuration: .seconds(90), limitTimeout: .seconds(60), reuse: true, collapse: true)
        #expect(
            command(
                Continuation(settings: settings, isOffline: true, database: "a.db", config: "c d.yaml"))
                == "parley run 'my questions' --concurrency 8 --rpm 500 --tpm 90000 --limit-timeout 60 --lease 90 "
                + "--budget 1.50 --unknown hold --reuse --collapse --watch --offline --config 'c d.yaml' --database a.db"
        )
    }

    @Test func `A budget that stopped the run is doubled`() {
        let continuation = Continuation(settings: RunSettings(budget: Picodollars(dollars: "1.5")))
        #expect(command(continuation) { $0.stopped = .budget } == "parley run 'my questions' --budget 3.00")
    }

    @Test func `A run of every open batch goes on as one`() {
        #expect(command(Continuation(settings: RunSettings(), isOfAll: true)) == "parley run")
    }

    @Test func `When nothing is left there is none`() {
        #expect(command(Continuation(settings: RunSettings())) { $0.waiting = 0 } == nil)
        #expect(
            command(Continuation(settings: RunSettings())) {
                $0.waiting = 0
                $0.unknown = 1
            } == "parley run 'my questions'")
    }
}
