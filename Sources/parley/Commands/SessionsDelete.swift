import ArgumentParser
import ConversationStore
import ParleyCore
import UsageReport

/// `parley sessions delete`: removes conversations for good.
struct SessionsDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Remove chats for good; what they cost stays on the bill.",
        discussion: """
            Gone are the messages, reasoning, tool calls, failed requests, the title, a system prompt that nobody else uses, and their \
            words in the search index; the room in the file is overwritten. Forks keep their copies. Backups beside the database, \
            such as those of `parley db backup` and of updates, are not touched: remove them yourself. The conversation of a batch's job goes with its batch: \
            `parley db prune`.

            It asks before it begins; without a terminal it needs --yes.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The sessions' numbers.")
    var ids: [Int64]

    @Flag(help: "Do not ask.")
    var yes = false

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
        let workspace = try Workspace(global)
        let screen = workspace.screen
        var seen: Set<Int64> = []
        let sessions = ids.filter { seen.insert($0).inserted }.map { SessionID($0) }
        let figures = try await workspace.withStore(.reading) { try await $0.figures(of: sessions) }
        if !yes {
            for figure in figures { screen.tell(Self.line(figure)) }
            try Confirmation(screen).require("Remove \(Figures.count(sessions.count, "session")) for good?")
        }
        let report = try await workspace.withStore(.writing) { store in
            let report = try await store.delete(sessions) { screen.show(panel: [WipeText.line(on: $0)]) }
            screen.clearPanel()
            return report
        }
        if json {
            let object: JSON = [
                "deleted": .array(sessions.map { .int($0.number) }),
                "messages": .int(figures.reduce(0) { $0 + $1.messages }),
                "log_in_use": .bool(report.isLogInUse), "old_remains": .bool(report.hasOldRemains),
            ]
            return screen.result(object.text() + "\n")
        }
        screen.say("\(Figures.count(sessions.count, "session")) removed; the bill keeps what they cost.")
        for sentence in WipeText.sentences(on: report) { screen.say(sentence) }
    }

    private static func line(_ figure: SessionFigures) -> String {
        var words = [
            "session \(figure.id): \(figure.title.safeLine)", Figures.count(figure.messages, "message"),
            MoneyText.single(figure.cost),
        ]
        if figure.unknownRequests > 0 {
            words.append(
                "\(Figures.count(figure.unknownRequests, "request")) that may have been billed, in no sum")
        }
        return words.joined(separator: " · ")
    }
}

/// What remains of what was removed, in words.
enum WipeText {
    static func line(on progress: WipeProgress) -> String {
        "wiping the words out of the search index, step \(Figures.grouped(progress.steps))"
    }

    static func sentences(on report: WipeReport) -> [String] {
        var sentences: [String] = []
        if report.isLogInUse {
            sentences.append(
                "Another process is reading, so the log beside the database still holds some of it; it is emptied later."
            )
        }
        if report.hasOldRemains {
            sentences.append(
                "An older parley wrote in this file and left remains in free room; `parley db vacuum` makes sure, once."
            )
        }
        return sentences
    }
}
