import ArgumentParser
import ConversationStore
import ParleyCore
import UsageReport

/// `parley sessions fork`: another end for a conversation.
struct SessionsFork: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fork", abstract: "Begin a conversation with the messages of another one.",
        discussion: """
            The original stays as it is. Nothing is billed twice: the copied answers were paid for there. A cut between tool calls \
            and their results is moved behind the results. The conversation of a batch's job goes on in a fork.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The session's number.")
    var id: Int

    @Option(
        help: ArgumentHelp(
            "The position of the last message that is copied (default: all).", valueName: "position"))
    var at: Int?

    @Option(help: ArgumentHelp("The title of the fork (default: the same).", valueName: "text"))
    var title: String?

    @Flag(help: "One JSON object.")
    var json = false

    func validate() throws {
        if let at, at < 0 { throw ValidationError("--at is \(at), but must not be negative") }
    }

    func run() async throws {
        let workspace = try Workspace(global)
        try await workspace.withStore(.reading) { _ in }
        let fork = try await workspace.withStore(.writing) { store in
            let fork = try await store.fork(SessionID(Int64(id)), through: at, title: title)
            return try await store.requireSession(fork)
        }
        let count = fork.forkedMessages ?? 0
        if json {
            let object: JSON = [
                "session": .int(fork.id.number), "parent": .int(id), "messages": .int(count),
                "title": .string(fork.title),
            ]
            return workspace.screen.result(object.text() + "\n")
        }
        workspace.screen.result("\(fork.id)\n")
        workspace.screen.say(
            "Session \(fork.id) has \(Figures.count(count, "message")) of session \(id); `parley chat --session \(fork.id)` goes on with it."
        )
    }
}
