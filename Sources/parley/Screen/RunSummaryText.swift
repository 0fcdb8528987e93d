import BatchExecutor
import ConversationStore
import ParleyCore
import UsageReport

/// What a run came to, for people: jobs, tokens, money, failures, and the command that goes on.
struct RunSummaryText {
    let outcome: RunOutcome
    /// The command that goes on; nil when nothing is left.
    let continuation: String?

    /// A provider's words may be a page; the results have them all.
    private static let failureLengthMax = 150

    private static func cut(_ text: String) -> String {
        text.count <= failureLengthMax ? text : text.prefix(failureLengthMax - 1) + "…"
    }

    /// - Parameter width: the columns of the screen; where nobody reads it on one, a fact is one line however long.
    func lines(_ style: TextStyle, width: Int = .max) -> [String] {
        facts.flatMap { $0.lines(style, width: width) }
    }

    private var facts: [Fact] {
        let red = { (style: TextStyle) in style.red }
        let yellow = { (style: TextStyle) in style.yellow }
        var facts = [Fact(label: "jobs", text: jobs + time, boldCount: jobs.count)]
        if summary.isSimulated {
            facts.append(Fact(label: "note", text: "the answers are simulated", tone: yellow))
        }
        if summary.requests > 0 {
            facts.append(Fact(label: "tokens", text: tokens))
            facts.append(Fact(label: "cost", text: cost))
        }
        if summary.reused.answers > 0 {
            facts.append(Fact(label: "reused", text: ReusedUsage(summary.reused).text))
        }
        if let waits { facts.append(Fact(label: "waits", text: waits)) }
        if summary.unknown > 0 { facts.append(Fact(label: "unknown", text: unknown)) }
        if let stopped { facts.append(Fact(label: "stopped", text: stopped, tone: yellow)) }
        for (index, example) in summary.failedExamples.enumerated() {
            let text = Self.cut("\(example.key): \(example.message)")
            facts.append(Fact(label: index == 0 ? "failed" : "", text: text, tone: red))
        }
        let more = summary.failed - summary.failedExamples.count
        if more > 0, !summary.failedExamples.isEmpty {
            facts.append(Fact(label: "", text: "and \(Figures.grouped(more)) more"))
        }
        for (index, command) in nextCommands.enumerated() {
            facts.append(Fact(label: index == 0 ? "next" : "", text: command, isCommand: true))
        }
        return facts
    }

    private var summary: RunSummary { outcome.summary }

    private var billed: BilledUsage {
        BilledUsage(
            requests: summary.requests, usage: summary.usage, cost: summary.cost,
            unpriced: summary.unpriced)
    }

    private var cost: String {
        let text = billed.costText(MoneyText(for: [summary.cost]))
        guard let budget = summary.budget else { return text }
        let (spent, limit) = (MoneyText.single(summary.spent), MoneyText.single(budget))
        return summary.spent == summary.cost
            ? "\(text) of the budget of \(limit)" : "\(text); \(spent) of the budget of \(limit) in all"
    }

    /// What held the run up for longer than it takes to say so.
    private var waits: String? {
        let long = summary.waits.filter { $0.duration >= .seconds(1) }
        return long.isEmpty ? nil : long.map(\.words).joined(separator: ", ")
    }

    private var jobs: String {
        var words = ["\(Figures.grouped(summary.done)) done"]
        if summary.failed > 0 { words.append("\(Figures.grouped(summary.failed)) failed") }
        if summary.waiting > 0 { words.append("\(Figures.grouped(summary.waiting)) waiting") }
        if summary.unknown > 0 { words.append("\(Figures.grouped(summary.unknown)) unknown") }
        return words.joined(separator: ", ")
    }

    private var time: String {
        guard summary.requests > 0 || summary.reused.answers > 0 else {
            return summary.waiting > 0 ? "; nothing was asked" : "; nothing was left to ask"
        }
        var words =
            " in \(Figures.duration(.seconds(summary.seconds))), \(Figures.count(summary.requests, "request"))"
        if summary.retries > 0 { words += ", \(Figures.grouped(summary.retries)) of them retries" }
        if summary.rescued > 0 { words += ", \(Figures.grouped(summary.rescued)) asked again after a stop" }
        return words
    }

    private var tokens: String {
        let usage = summary.usage
        let cached = Figures.percent(usage.cacheRead, of: usage.inputTotal)
        return
            "\(Figures.grouped(usage.inputTotal)) in, \(Figures.grouped(usage.cacheRead)) of them from a cache"
            + " (\(cached)); \(Figures.grouped(usage.output)) out"
    }

    private var unknown: String {
        let (have, them) = summary.unknown == 1 ? ("has", "it") : ("have", "them")
        let who = summary.held > 0 ? "`parley retry --unknown`" : "the next run"
        return "\(Figures.count(summary.unknown, "request")) \(have) no answer; "
            + "\(who) asks \(them) again under the same idempotency key"
    }

    private var stopped: String? {
        switch summary.stopped {
        case .budget: summary.stopDetail ?? "the budget is reached"
        case .providers: summary.stopDetail ?? "no provider can be used"
        case .signal:
            switch outcome.signal ?? .interrupt {
            case .interrupt: "by you; everything is kept"
            case .terminate: "by SIGTERM; everything is kept"
            case .hangup: "because the terminal was closed; everything is kept"
            }
        case nil: nil
        }
    }

    /// At most four: go on, try the failed ones again, see why, read the answers.
    private var nextCommands: [String] {
        var commands: [String] = []
        if let continuation { commands.append(continuation) }
        guard let batch = summary.batches.first, summary.batches.count == 1 else {
            return commands
        }
        let name = ShellWord.quoted(batch)
        let failed = outcome.statuses.reduce(0) { $0 + $1[.failed] }
        let done = outcome.statuses.reduce(0) { $0 + $1[.done] }
        if failed > 0 {
            commands.append("parley retry \(name)    (\(Figures.count(failed, "failed job")))")
            if summary.failed > 0 { commands.append("parley failures list -b \(name)    (why)") }
        }
        if done > 0, continuation == nil { commands.append("parley results \(name) -O \(name).answers.csv") }
        return commands
    }
}
