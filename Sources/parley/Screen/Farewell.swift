import ConversationStore
import ParleyCore
import UsageReport

/// What is said when a conversation is left: what was asked, what it used and cost, and the command that goes on.
struct Farewell {
    /// What was asked since the conversation was entered.
    var questions = 0
    var answers = 0
    var usage = Usage()
    /// The cost of the answers that have a price.
    var cost = Picodollars.zero
    /// Answers whose model has no price.
    var unpriced = 0
    /// Answers that were stopped before the provider said what they took.
    var unknown = 0
    /// Whether an answer is simulated.
    var isSimulated = false
    /// Nil where nothing was stored: then there is nothing to go on with.
    var session: SessionID?
    /// What the last question lacks, such as `its last question has no answer yet`.
    var missing: String?
    /// As they were given on the command line.
    var database: String?
    var config: String?

    /// - Parameter width: the columns of the screen; where nobody reads it on one, a fact is one line however long.
    func lines(_ style: TextStyle, width: Int = .max) -> [String] {
        facts.flatMap { $0.lines(style, width: width) }
    }

    /// The command that goes on, for a shell.
    var command: String? {
        guard let session else { return nil }
        var words = ["parley", "chat", "--session", "\(session)"]
        if let config { words += ["--config", config] }
        if let database { words += ["--database", database] }
        return words.map(ShellWord.quoted).joined(separator: " ")
    }

    private var facts: [Fact] {
        let yellow = { (style: TextStyle) in style.yellow }
        var facts: [Fact] = []
        if questions > 0 || answers > 0 {
            let answered = Figures.count(answers, "answer")
            let counts = questions == 0 ? answered : "\(Figures.count(questions, "question")), \(answered)"
            facts.append(Fact(label: "chat", text: counts, boldCount: counts.count))
        }
        if isSimulated { facts.append(Fact(label: "note", text: "the answers are simulated", tone: yellow)) }
        if answers > 0 || usage.total > 0 { facts.append(Fact(label: "tokens", text: tokens)) }
        if answers > 0 || unknown > 0 || cost != .zero { facts.append(Fact(label: "cost", text: costText)) }
        if let missing { facts.append(Fact(label: "open", text: missing, tone: yellow)) }
        if let command { facts.append(Fact(label: "next", text: command, isCommand: true)) }
        return facts
    }

    /// The same words as at the end of a run.
    private var tokens: String {
        let cached = Figures.percent(usage.cacheRead, of: usage.inputTotal)
        return
            "\(Figures.grouped(usage.inputTotal)) in, \(Figures.grouped(usage.cacheRead)) of them from a cache"
            + " (\(cached)); \(Figures.grouped(usage.output)) out"
    }

    private var costText: String {
        let billed = BilledUsage(usage: usage, cost: cost, unpriced: unpriced)
        let known = billed.costText(MoneyText(for: [cost]))
        guard unknown > 0 else { return known }
        let stopped = "\(Figures.count(unknown, "stopped answer")) of unknown cost"
        return answers == 0 && cost == .zero ? stopped : "\(known) + \(stopped)"
    }
}
