import ArgumentParser
import ConversationStore
import ParleyCore
import UsageReport

/// `parley db prune`: removes what is old and over.
struct DatabasePrune: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove old chats and finished batches for good; the bill stays.",
        discussion: """
            Chats that were last changed before the age, and whole batches whose jobs are all done, failed or cancelled and in which \
            nothing has happened since. Kept, and named, is whatever waits, is in the air, or had a request of which nobody knows \
            whether it was billed. A batch stays by name and with its cost; its file is not taken under that name again. \
            It can be interrupted at any moment; the next prune goes on. `parley db vacuum` then gives the room back to the disk.

            It asks before it begins; without a terminal it needs --yes. Backups are not touched.
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("What is older: 90d, 12h, 2w, or than a date.", valueName: "age"))
    var olderThan: String

    @Flag(help: "Say what would go, and remove nothing.")
    var dryRun = false

    @Flag(help: "Do not ask.")
    var yes = false

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
        let workspace = try Workspace(global)
        let screen = workspace.screen
        guard let moment = try workspace.moment(olderThan) else {
            throw ValidationError("--older-than is missing")
        }
        let plan = try await workspace.withStore(.reading) { try await $0.prunePlan(olderThan: moment) }
        if dryRun {
            if json { return screen.result(PruneText.json(of: plan).text() + "\n") }
            return screen.result(PruneText.lines(of: plan).joined(separator: "\n") + "\n")
        }
        if !plan.isEmpty, !yes {
            for line in PruneText.lines(of: plan) { screen.tell(line) }
            try Confirmation(screen).require("Remove all that for good?")
        }
        let report = try await workspace.withStore(.writing) { store in
            let report = try await store.prune(olderThan: moment) {
                screen.show(panel: [PruneText.line(on: $0, of: plan)])
            }
            screen.clearPanel()
            return report
        }
        if json { return screen.result(PruneText.json(of: plan, report).text() + "\n") }
        screen.say(PruneText.sentence(on: report))
        for line in PruneText.kept(in: plan) { screen.say(line) }
        for sentence in WipeText.sentences(on: report.wipe) { screen.say(sentence) }
    }
}
