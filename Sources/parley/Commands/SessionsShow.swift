import ArgumentParser
import ConversationStore
import Conversations
import OrderedCollections
import ParleyCore
import UsageReport

/// `parley sessions show`: what was said.
struct SessionsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a conversation: who said what, when, and what it cost.",
        discussion: """
            Of a long one the last \(Self.lastDefault) messages, unless --all is given. Tool calls that nobody has answered stand \
            at the end, with the command that answers them. Each message has its position, for `sessions fork --at`.
            """)

    static let lastDefault = 20

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The session's number.")
    var id: Int

    @Option(help: ArgumentHelp("How many of the last messages.", valueName: "n"))
    var last: Int?

    @Flag(help: "All messages.")
    var all = false

    @Flag(help: "What the models thought, too; so does --verbose.")
    var reasoning = false

    @Flag(help: "Messages that are history only, too: what was taken out, and late answers.")
    var history = false

    @Flag(help: "The document that `sessions export` writes, and the open calls.")
    var json = false

    @Flag(help: "Markdown to be pasted somewhere.")
    var markdown = false

    func validate() throws {
        if json, markdown { throw ValidationError("--json and --markdown exclude each other") }
        if all, last != nil { throw ValidationError("--all and --last exclude each other") }
        if let last, last < 1 { throw ValidationError("--last is \(last), but must be at least 1") }
    }

    func run() async throws {
        let workspace = try Workspace(global)
        let session = SessionID(Int64(id))
        // A document is whole unless it is asked to be cut; a transcript is for reading.
        let last = all ? nil : last ?? (json || markdown ? nil : Self.lastDefault)
        let page = try await workspace.withStore(.reading) { store in
            try await TranscriptPage(of: session, from: store, last: last)
        }
        if json {
            var object = page.document.json.objectValue ?? [:]
            object["open_calls"] = .array(page.openCalls.map { .int($0.id.number) })
            return workspace.screen.result(JSON.object(object).text() + "\n")
        }
        if markdown { return workspace.screen.result(page.document.markdown) }
        let text = TranscriptText(
            page: page, style: workspace.screen.resultStyle, showsReasoning: reasoning || global.verbose,
            showsHistory: history, isSeen: workspace.screen.resultsAreSeen)
        workspace.screen.result(text.text)
    }
}

/// What `sessions show` shows.
struct TranscriptPage {
    var document: SessionDocument
    /// The messages before those that are shown.
    var earlier: Int
    var openCalls: [StoredCall]
    var billed: BilledUsage
    /// Where it was imported from.
    var origin: String?

    init(of session: SessionID, from store: Store, last: Int?) async throws {
        document = try await SessionDocument(of: session, from: store, last: last)
        earlier = try await store.messageCount(of: session) - document.messages.count
        openCalls = document.session.job == nil ? try await store.openCalls(of: session) : []
        let spending = try await store.spending(of: session)
        billed = BilledUsage(
            requests: spending.requests, cost: spending.cost, unpriced: spending.unpriced)
        origin = try await store.importOrigin(of: session)
    }
}
