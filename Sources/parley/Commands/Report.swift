import ArgumentParser
import BatchExecutor
import ConversationStore
import Foundation
import ParleyCore
import UsageReport

/// `parley report`: what was asked, what it cost, what the caches saved.
struct Report: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what was asked, what it cost, and what the caches saved.",
        discussion: """
            Costs are exact sums of dated prices. What has no price is counted and named, never taken for free. \
            Dates: 2026-11-21, 2026-11-21T14:05, today, yesterday, or 36h, 7d, 2w for so long ago.

            `report cache` also says what the order of sending saved against the order of arrival, which is computed; with \
            --by prefix for each beginning that prompts share, and why requests did not hit that should have.
            """)

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case overview, cost, cache
    }

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, csv
    }

    @OptionGroup var global: GlobalOptions

    @Argument(help: "Which report.")
    var kind: Kind = .overview

    @Option(
        help: ArgumentHelp(
            """
            What the sums are told apart by: model, provider, role, batch, day, hour; several with commas. `report cache` \
            knows prefix, too: alone, or with batch and model.
            """,
            valueName: "keys"))
    var by: GroupingKeys = GroupingKeys([.model])

    @Option(help: ArgumentHelp("From when on.", valueName: "date"))
    var since: String?

    @Option(help: ArgumentHelp("Until when; a day counts whole.", valueName: "date"))
    var until: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("One batch only.", valueName: "name"))
    var batch: String?

    @Option(
        help: ArgumentHelp(
            "Where a day begins: UTC, local, +02:00 or Europe/Berlin (default: local).", valueName: "zone"))
    var timezone: String?

    @Option(help: ArgumentHelp("How it is written.", valueName: "format"))
    var format: Format = .table

    @Flag(help: "The same as --format json.")
    var json = false

    @Option(
        name: [.customShort("O"), .long],
        help: ArgumentHelp("Where to; without it, standard output.", valueName: "file"))
    var output: String?

    func run() async throws {
        let workspace = try Workspace(global)
        if let fault = by.fault(in: kind) { throw CommandFailure.usage(fault) }
        guard let zone = timezone.map({ ReportZone($0) }) ?? .local else {
            throw CommandFailure.usage(
                "'\(timezone ?? "")' is no time zone; write UTC, local, +02:00 or Europe/Berlin")
        }
        let period: ReportPeriod
        do {
            period = try ReportPeriod(since: since, until: until, now: workspace.time.now, zone: zone)
        } catch { throw CommandFailure.usage("\(error)") }
        let scope = ReportScope(period: period, zone: zone, batch: batch)
        let page = try await workspace.withStore(.reading) { store in
            try await ReportReader(store: store, scope: scope, catalogue: .with(workspace.config))
                .page(kind, by: by)
        }
        let text =
            switch json ? .json : format {
            case .table: page.text
            case .json: page.json.text() + "\n"
            case .csv: page.csv
            }
        guard let output else { return workspace.screen.result(text) }
        try await AtomicFile.write(to: output) { try $0.write(Array(text.utf8)) }
        workspace.screen.say("The report is in \(output).")
    }
}
