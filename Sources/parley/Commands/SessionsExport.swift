import ArgumentParser
import BatchExecutor
import ConversationStore
import Conversations
import ParleyCore
import UsageReport

/// `parley sessions export`: conversations as a file.
struct SessionsExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write conversations to a file, to keep them or to import them elsewhere.",
        discussion: """
            As JSONL each conversation is one line with all that is stored of it; `sessions import` reads it. Markdown is for people. \
            A file appears whole or not at all. No key is in it, but all that was said is.
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case jsonl, markdown
    }

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The sessions' numbers.")
    var ids: [Int] = []

    @Flag(help: "All that people lead, archived ones too.")
    var all = false

    @Option(
        help: ArgumentHelp(
            "How they are written (default: by the file's ending, else jsonl).", valueName: "format"))
    var format: Format?

    @Option(
        name: [.customShort("O"), .long],
        help: ArgumentHelp("Where to; without it, standard output.", valueName: "file"))
    var output: String?

    func validate() throws {
        if all != ids.isEmpty { throw ValidationError("name sessions by their numbers, or give --all") }
    }

    func run() async throws {
        let workspace = try Workspace(global)
        let isMarkdown = output.map { $0.hasSuffix(".md") || $0.hasSuffix(".markdown") } ?? false
        let format = format ?? (isMarkdown ? .markdown : .jsonl)
        let count = try await workspace.withStore(.reading) { store in
            let sessions = all ? try await store.sessionIDs() : ids.map { SessionID(Int64($0)) }
            if !all { for session in sessions { _ = try await store.requireSession(session) } }
            if let output {
                try await AtomicFile.write(to: output) { file in
                    try await Self.write(sessions, of: store, as: format) { try file.write($0) }
                }
            } else {
                try await Self.write(sessions, of: store, as: format) { workspace.screen.result(bytes: $0) }
            }
            return sessions.count
        }
        if let output { workspace.screen.say("\(Figures.count(count, "session")) in \(output)") }
    }

    /// One by one: no more than one conversation is held in memory.
    private static func write(
        _ sessions: [SessionID], of store: Store, as format: Format, to sink: ([UInt8]) throws -> Void
    ) async throws {
        for (index, session) in sessions.enumerated() {
            let document = try await SessionDocument(of: session, from: store)
            switch format {
            case .jsonl: try sink(document.json.bytes() + [UInt8(ascii: "\n")])
            case .markdown: try sink(Array(((index > 0 ? "\n" : "") + document.markdown).utf8))
            }
        }
    }
}
