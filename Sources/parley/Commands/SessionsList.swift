import ArgumentParser
import ConversationStore
import OrderedCollections
import ParleyCore
import UsageReport

/// `parley sessions list`: the conversations, those with the last change first.
struct SessionsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the conversations, those with the last change first.",
        discussion: """
            Archived ones, and those of a batch's jobs, are listed only if they are asked for. The cost is that of all requests \
            that were sent in a conversation; what was said in another one that it was forked or imported from is not in it.
            """)

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Archived ones as well.")
    var all = false

    @Flag(help: "Only archived ones.")
    var archived = false

    @Flag(help: "Those of jobs, with their batch and key.")
    var jobs = false

    @Flag(
        help: "Only those in which something is missing: an answer, the rest of one, or the result of a tool."
    )
    var interrupted = false

    @Option(help: ArgumentHelp("Only of this role.", valueName: "role"))
    var role: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Only with this model: provider/model, or one of the two.", valueName: "model"))
    var model: String?

    @Option(help: ArgumentHelp("Changed from when on: a date, today, or 36h, 7d, 2w.", valueName: "date"))
    var since: String?

    @Option(help: ArgumentHelp("Changed until when; a day counts whole.", valueName: "date"))
    var until: String?

    @Option(
        name: [.customShort("n"), .long], help: ArgumentHelp("The most that are listed.", valueName: "n"))
    var limit: Int = SessionQuery.limitDefault

    @Flag(help: "One JSON object.")
    var json = false

    func validate() throws {
        guard (1...SessionQuery.limitMax).contains(limit) else {
            throw ValidationError("--limit is \(limit), but must be from 1 to \(SessionQuery.limitMax)")
        }
        if archived, interrupted || all {
            throw ValidationError("--archived excludes --interrupted and --all")
        }
    }

    func run() async throws {
        let workspace = try Workspace(global)
        let query = try query(workspace)
        let (page, count) = try await workspace.withStore(.reading) { try await $0.sessions(query) }
        if json {
            let object: JSON = ["sessions": .array(page.map(\.json)), "count": .int(count)]
            return workspace.screen.result(object.text() + "\n")
        }
        guard !page.isEmpty else { return workspace.screen.say("There is no such session.") }
        let table = SessionTable(page, showsJobs: jobs, now: workspace.time.now)
        workspace.screen.result(table.text(width: workspace.screen.resultWidth))
        if count > page.count {
            workspace.screen.say("\(Figures.count(count - page.count, "more session")); --limit shows more.")
        }
    }

    private func query(_ workspace: Workspace) throws -> SessionQuery {
        let period: ReportPeriod
        do {
            period = try ReportPeriod(since: since, until: until, now: workspace.time.now, zone: .local)
        } catch { throw CommandFailure.usage("\(error)") }
        let statuses: Set<SessionStatus>? =
            archived ? [.archived] : interrupted ? [.interrupted] : all ? Set(SessionStatus.allCases) : nil
        return SessionQuery(
            isOfJobs: jobs, statuses: statuses, role: role, model: model, since: period.since,
            until: period.until, limit: limit)
    }
}

extension SessionSummary {
    /// `answering` while somebody does.
    var statusWord: String { isBeingAnswered ? "answering" : status.rawValue }

    var billed: BilledUsage { BilledUsage(requests: requests, cost: cost, unpriced: unpriced) }

    var json: JSON {
        var members: JSONObject = [
            "id": .int(id.number), "title": .string(title), "role": .string(role),
            "model": .string(model.description), "status": .string(statusWord), "messages": .int(messages),
            "requests": .int(requests), "cost_usd": .init(billed.knownCost?.dollars),
            "unpriced": .int(unpriced),
            "parent": parent.map { .int($0.number) } ?? .null,
            "created_at": .string(createdAt.documentText), "updated_at": .string(updatedAt.documentText),
        ]
        if let batch { members["batch"] = .string(batch) }
        if let jobKey { members["job"] = .string(jobKey) }
        return .object(members)
    }
}
