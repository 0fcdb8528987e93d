import ArgumentParser
import ConversationStore
import ParleyCore

/// `parley sessions rename`: another title.
struct SessionsRename: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rename", abstract: "Give a conversation another title.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The session's number.")
    var id: Int

    @Argument(help: "The title.")
    var title: String

    func validate() throws {
        if title.allSatisfy(\.isWhitespace) { throw ValidationError("the title is empty") }
    }

    func run() async throws {
        let workspace = try Workspace(global)
        try await workspace.withStore(.reading) { _ in }
        try await workspace.withStore(.writing) { store in
            try await store.change(SessionID(Int64(id)), SessionChange(title: title))
        }
        workspace.screen.say("Session \(id) is called \(title).")
    }
}
