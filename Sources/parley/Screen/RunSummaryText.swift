import BatchExecutor
import ConversationStore
import ParleyCore
import UsageReport

/// What a run came to, for people: jobs, tokens, money, failures, and the command that goes on.
struct RunSummaryText {
    let outcome: RunOutcome
    /// The command that goes on; nil when nothing is left.
    let continuation: String?

    private static let labelWidth = 9
    /// A provider's words may be a page; the results have them all.
    private static let failureLengthMax = 150

    private static func cut(_ text: String) -> String {
        text.count <= failureLengthMax ? text : text.prefix(failureLengthMax - 1) + "…"
    }

    func lines(_ style: TextStyle) -> [String] {
        var facts: [(label: String, text: String)] = [("jobs", style.bold(jobs) + time)]
        if summary.isSimulated { facts.append(("note", style.yellow("the answers are simulated"))) }
        if summary.requests > 0 {
            facts.append(("tokens", tokens))
            facts.append(("cost", billed.costText(MoneyText(for: [summary.cost]))))
        }
        if summary.unknown > 0 { facts.append(("unknown", unknown)) }
        if let stopped = stopped { facts.append(("stopped", style.yellow(stopped))) }
        for (index, example) in summary.failedExamples.enumerated() {
            facts.append(
                (index == 0 ? "failed" : "", style.red(Self.cut("\(example.key): \(example.message)"))))
        }
        let more = summary.failed - summary.failedExamples.count
        if more > 0, !summary.failedExamples.isEmpty {
            facts.append(("", "and \(Figures.grouped(more)) more"))
        }
        for (index, command) in nextCommands.enumerated() {
            facts.append((index == 0 ? "next" : "", command))
        }
        return facts.map { fact in
            style.dim(fact.label) + String(repeating: " ", count: Self.labelWidth - fact.label.count)
                + fact.text
        }
    }

    private var summary: RunSummary { outcome.summary }

    private var billed: BilledUsage {
        BilledUsage(
            requests: summary.requests, usage: summary.usage, cost: summary.cost,
            unpriced: summary.unpriced)
    }

    private var jobs: String {
        var words = ["\(Figures.grouped(summary.done)) done"]
        if summary.failed > 0 { words.append("\(Figures.grouped(summary.failed)) failed") }
        if summary.waiting > 0 { words.append("\(Figures.grouped(summary.waiting)) waiting") }
        if summary.unknown > 0 { words.append("\(Figures.grouped(summary.unknown)) unknown") }
        return words.joined(separator: ", ")
    }

    private var time: String {
        guard summary.requests > 0 else {
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
        return "\(Figures.count(summary.unknown, "request")) \(have) no answer; "
            + "the next run asks \(them) again under the same idempotency key"
    }

    private var stopped: String? {
        switch summary.stopped {
        case .budget: summary.stopDetail ?? "the budget is reached"
        case .providers: summary.stopDetail ?? "no provider can be used"
        case .signal: "by you; everything is kept"
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
