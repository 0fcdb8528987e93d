public import ArgumentParser
import ConversationStore
public import ParleyCore
import UsageReport

/// `parley sessions search`: finds words in all that was ever said.
struct SessionsSearch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Find words in everything that was ever said, in chats and in batches.",
        discussion: """
            Texts, reasoning and results of tools are looked through. All words must occur; "a phrase" word for word; OR divides \
            alternatives; -word must not occur; a * at the end stands for any ending. Case and accents do not count.

              parley sessions search tokyo '"city hall"' -station
              parley sessions search 'invoic* OR receipt' --chats --since 30d

            Write a word with a - in front behind the other words, or put -- before the query. The first search takes up what was \
            said since the last one, about a second for every hundred thousand messages. Of a word that is everywhere, the best of the newest \
            10,000 messages are shown. Exit status 0 also when nothing is found.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(parsing: .allUnrecognized, help: "The words.")
    var query: [String]

    @Option(help: ArgumentHelp("Who said it: user, assistant, tool or system.", valueName: "role"))
    var role: Message.Role?

    @Option(help: ArgumentHelp("In one session only.", valueName: "id"))
    var session: Int64?

    @Option(help: ArgumentHelp("From when on: a date, today, or 36h, 7d, 2w.", valueName: "date"))
    var since: String?

    @Option(help: ArgumentHelp("Until when, in the same words.", valueName: "date"))
    var until: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Of one model: PROVIDER/MODEL, or the model alone.", valueName: "model"))
    var model: String?

    @Flag(help: "In chats only.")
    var chats = false

    @Flag(help: "In batches only.")
    var batches = false

    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("So many hits at most.", valueName: "n"))
    var limit: Int = SearchQuery.limitDefault

    @Flag(help: "One JSON object.")
    var json = false

    func validate() throws {
        guard (1...SearchQuery.limitMax).contains(limit) else {
            throw ValidationError("--limit is \(limit), but must be from 1 to \(SearchQuery.limitMax)")
        }
        if chats, batches {
            throw ValidationError("--chats and --batches exclude each other; give one, or none")
        }
        if let option = query.first(where: { $0.hasPrefix("--") && $0.count > 2 }) {
            throw ValidationError("there is no option \(option); write a word with a - in front behind a --")
        }
    }

    func run() async throws {
        let workspace = try Workspace(global)
        let search = try searchQuery(workspace)
        try await workspace.withStore(.reading) { _ in }
        let page = try await workspace.withStore(.writing) { store in
            if let session = search.session { _ = try await store.requireSession(session) }
            let teller = IndexTeller(screen: workspace.screen)
            let page = try await store.search(search) { teller.tell($0) }
            workspace.screen.clearPanel()
            return page
        }
        if json { return workspace.screen.result(page.json.text() + "\n") }
        if page.hits.isEmpty { workspace.screen.say("Nothing found.") }
        let text = SearchText(style: workspace.screen.resultStyle, now: workspace.time.now)
        for hit in page.hits { workspace.screen.result(text.lines(of: hit).joined(separator: "\n") + "\n") }
        if let sentence = SearchText.sentence(on: page) { workspace.screen.say(sentence) }
    }

    private func searchQuery(_ workspace: Workspace) throws -> SearchQuery {
        let words: SearchExpression
        do { words = try SearchExpression(query.filter { $0 != "--" }.joined(separator: " ")) } catch {
            throw CommandFailure.usage("\(error)")
        }
        let period: ReportPeriod
        do {
            period = try ReportPeriod(since: since, until: until, now: workspace.time.now, zone: .local)
        } catch { throw CommandFailure.usage("\(error)") }
        return SearchQuery(
            words, role: role, session: session.map { SessionID($0) }, since: period.since,
            until: period.until,
            model: model, kind: chats ? .chats : batches ? .batches : nil, limit: limit)
    }
}

extension Message.Role: ExpressibleByArgument {}

/// Says how far the index is, when there is enough to do that somebody waits.
private struct IndexTeller {
    let screen: Screen

    func tell(_ progress: SearchIndexProgress) {
        guard progress.total > Store.indexedSilentlyMax, progress.done < progress.total else { return }
        let line =
            "indexing \(Figures.grouped(progress.done)) of \(Figures.grouped(progress.total)) messages, once"
        screen.show(panel: [line])
    }
}
