import ArgumentParser
import BatchExecutor
import ConversationStore
import ParleyCore
import ProviderStack
import UsageReport

/// `parley enqueue`: adds the rows of files to a batch.
struct Enqueue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Add the rows of files to a batch, without asking anything yet.",
        discussion: """
            CSV, TSV, a JSON array, JSON lines, OpenAI batch lines, or a YAML job file; - is standard input. Known \
            columns are custom_id or id, prompt or messages, system, model, max_tokens and temperature; all others can \
            stand in the prompt as {{column}} and come back in the results. -p @name takes the prompt of that name (see \
            `parley prompts list`), whose {{variables}} are columns too; a text that begins with @ is written with two.

            The same file again adds nothing. A bad row keeps the whole file out, unless --skip-bad-rows is given.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("The files.", valueName: "file"))
    var files: [String]

    @OptionGroup(title: "What is asked") var ingest: IngestOptions

    @OptionGroup(title: "What is asked once") var reuse: ReuseOptions

    @Flag(help: "Only say what would be added, and about what it would cost.")
    var dryRun = false

    @Flag(help: "One JSON object a batch.")
    var json = false

    func run() async throws {
        let workspace = try Workspace(global)
        let catalogue = Catalogue.with(workspace.config)
        let sheets = try SheetBuilder(
            options: ingest, config: workspace.config, catalogue: catalogue, reuse: reuse.said(),
            warn: { workspace.screen.say($0) }
        ).sheets(for: files)
        let options = Ingest.Options(skipsBadRows: ingest.skipBadRows, catalogue: catalogue)
        try await workspace.withStore(.writing) { store in
            for sheet in sheets {
                if dryRun {
                    let report = try await Ingest.dryRun(
                        sheet, into: store, options: options, now: workspace.time.now)
                    show(report, on: workspace.screen)
                } else {
                    let report = try await Ingest.enqueue(
                        sheet, into: store, options: options, now: workspace.time.now)
                    show(report, on: workspace.screen)
                }
            }
        }
    }

    private func show(_ report: IngestReport, on screen: Screen) {
        let warnings = PrefixAdviceText.lines(report.advice)
        if json { return screen.result(report.json.warning(warnings).text() + "\n") }
        for line in report.lines + warnings { screen.say(line) }
        screen.say("`parley run \(report.batch)` asks them.")
    }

    private func show(_ report: DryRunReport, on screen: Screen) {
        let warnings = PrefixAdviceText.lines(report.advice)
        if json { return screen.result(report.json.warning(warnings).text() + "\n") }
        for line in report.lines + warnings { screen.say(line) }
    }
}

extension IngestReport {
    /// What was added, for people.
    var lines: [String] {
        var first = "\(batch): \(Figures.grouped(new)) new, \(Figures.grouped(known)) known"
        if invalid > 0 { first += ", \(Figures.count(invalid, "bad row")) left out" }
        return [first] + problems.map { "  \($0)" }
            + (invalid > problems.count && !problems.isEmpty
                ? ["  and \(Figures.grouped(invalid - problems.count)) more"] : [])
    }
}

extension DryRunReport {
    /// What would be added, for people.
    var lines: [String] {
        var lines = [
            "\(batch): \(Figures.grouped(new)) would be new, \(Figures.grouped(known)) known; nothing was stored"
        ]
        if invalid > 0 { lines.append("\(Figures.count(invalid, "bad row")) would be left out") }
        lines += problems.map { "  \($0)" }
        for share in models {
            var line = "\(share.model): about \(Figures.count(share.inputTokens, "input token"))"
            if share.outputTokensMax > 0 {
                line += ", at most \(Figures.count(share.outputTokensMax, "output token"))"
            }
            line += share.costMax.map { ", at most \(MoneyText.single($0))" } ?? ", unpriced"
            if share.jobsWithoutLimit > 0 {
                line +=
                    "; \(Figures.count(share.jobsWithoutLimit, "job")) without --max-tokens, whose output is not in it"
            }
            lines.append(line)
        }
        lines.append("Tokens are estimated at \(Self.charactersPerToken) characters each.")
        return lines
    }
}
