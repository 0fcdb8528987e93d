import ArgumentParser
import ConversationStore
import ParleyCore

/// `parley sessions archive`: puts conversations away.
struct SessionsArchive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive", abstract: "Put conversations away; they are kept, and no longer listed.",
        discussion: "Whoever goes on with one takes it out again.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The sessions' numbers.")
    var ids: [Int]

    func run() async throws {
        let workspace = try Workspace(global)
        try await workspace.eachSession(ids) { try await $0.archive($1) }
        workspace.screen.say("Archived: \(ids.map { String($0) }.joined(separator: ", ")).")
    }
}

/// `parley sessions unarchive`: takes conversations out again.
struct SessionsUnarchive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unarchive", abstract: "Take archived conversations out again.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The sessions' numbers.")
    var ids: [Int]

    func run() async throws {
        let workspace = try Workspace(global)
        try await workspace.eachSession(ids) { try await $0.unarchive($1) }
        workspace.screen.say("No longer archived: \(ids.map { String($0) }.joined(separator: ", ")).")
    }
}

extension Workspace {
    /// Changes conversations one by one, after all of them have been found.
    func eachSession(
        _ numbers: [Int], _ change: (Store, SessionID) async throws -> Void
    ) async throws {
        let sessions = numbers.map { SessionID(Int64($0)) }
        try await withStore(.reading) { store in
            for session in sessions { _ = try await store.requireSession(session) }
        }
        try await withStore(.writing) { store in
            for session in sessions { try await change(store, session) }
        }
    }
}
