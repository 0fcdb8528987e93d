import ArgumentParser
import ConversationStore
import ParleyCore

/// `parley sessions`: the conversations that are stored.
struct Sessions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The conversations: list, show, search, fork, put away, bring in and out.",
        subcommands: [
            SessionsList.self,
            SessionsShow.self,
            SessionsFork.self,
            SessionsRename.self,
            SessionsArchive.self,
            SessionsUnarchive.self,
            SessionsExport.self,
            SessionsImport.self,
            SessionsSearch.self,
            SessionsDelete.self,
        ])
}
