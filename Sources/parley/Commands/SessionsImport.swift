public import ArgumentParser
import ConversationStore
public import Conversations
import Foundation
import OrderedCollections
import ParleyCore
import UsageReport

/// `parley sessions import`: conversations of other programs and other databases.
struct SessionsImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in conversations: our own exports, chat completions, and the logs of `llm`.",
        discussion: """
            A file may be what `sessions export` wrote, JSON or JSONL with `messages` as OpenAI has them, or the logs.db of the tool \
            llm, whatever its version. Nothing is written to it. What was imported before is not taken twice; a \
            conversation that has grown at its source gets the new messages, unless it went on here too. What imported \
            answers cost was not spent here, and is in no report.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The files.")
    var files: [String]

    @Option(help: ArgumentHelp("What they are (default: found out).", valueName: "format"))
    var format: SessionImport.Format = .auto

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The model of conversations that name none, to go on with.", valueName: "model"),
        transform: ModelName.given)
    var model: ModelName?

    @Flag(help: "Leave out conversations that cannot be taken; without it nothing is imported then.")
    var skipBad = false

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
        let workspace = try Workspace(global)
        var tally = ImportTally()
        var read: [(name: String, file: ImportedFile)] = []
        for path in files {
            do { read.append((path, try SessionImport.read(path, as: format))) } catch let problem
                as ImportProblem
            {
                throw CommandFailure("\(problem)")
            }
        }
        tally.problems = read.flatMap(\.file.problems)
        guard tally.problems.isEmpty || skipBad else { throw CommandFailure(tally.refusal) }
        tally = try await workspace.withStore(.writing) { store in
            var tally = tally
            for (path, file) in read {
                let sessions = file.sessions.map { session in
                    var session = session
                    if let model, session.model == ImportedSession.unknownModel { session.model = model }
                    return session
                }
                let name = (path as NSString).lastPathComponent
                tally.add(sessions, try await store.importSessions(sessions, from: name))
            }
            return tally
        }
        if json { return workspace.screen.result(tally.json.text() + "\n") }
        for line in tally.lines { workspace.screen.say(line) }
    }
}

extension SessionImport.Format: ExpressibleByArgument {}

/// What an import came to.
struct ImportTally {
    private(set) var taken: [(session: ImportedSession, outcome: ImportOutcome)] = []
    var problems: [ImportProblem] = []

    /// The most problems that are listed; the rest is counted.
    static let problemsListedMax = 20

    mutating func add(_ sessions: [ImportedSession], _ outcomes: [ImportOutcome]) {
        taken += zip(sessions, outcomes).map { ($0, $1) }
    }

    /// Why nothing was imported.
    var refusal: String {
        guard problems.count > 1 else {
            return "\(problems.first.map { "\($0)" } ?? ""); --skip-bad leaves it out and imports the rest"
        }
        let listed = problems.prefix(Self.problemsListedMax).map { "\n  \($0)" }.joined()
        let rest = problems.count - Self.problemsListedMax
        return "\(problems.count) conversations cannot be imported, so none was; --skip-bad leaves them out:"
            + listed
            + (rest > 0 ? "\n  and \(Figures.grouped(rest)) more" : "")
    }

    private func count(_ word: String) -> Int { taken.count { $0.outcome.word == word } }
    private var messages: Int { taken.reduce(0) { $0 + $1.outcome.messages } }

    var lines: [String] {
        var words = ["\(Figures.count(count("new"), "session")), \(Figures.count(messages, "message")) new"]
        if count("grown") > 0 { words.append("\(count("grown")) grown") }
        if count("known") > 0 { words.append("\(Figures.grouped(count("known"))) known") }
        if !problems.isEmpty { words.append("\(Figures.grouped(problems.count)) left out") }
        var lines = [words.joined(separator: "; ") + "."]
        for (session, outcome) in taken {
            switch outcome {
            case .continuedHere(let id, let missing):
                lines.append(
                    "\(session.origin) has \(Figures.count(missing, "new message")), but session \(id) went on here; it was left as it is."
                )
            case .changed(let id):
                lines.append(
                    "\(session.origin) says something else than session \(id), which was left as it is.")
            case .new, .grown, .known: break
            }
        }
        let nameless = taken.count {
            $0.outcome.word == "new" && $0.session.model == ImportedSession.unknownModel
        }
        if nameless > 0 {
            lines.append("\(Figures.count(nameless, "session")) without a model: name one to go on.")
        }
        return lines + problems.prefix(Self.problemsListedMax).map { "left out: \($0)" }
    }

    var json: JSON {
        var members: JSONObject = [:]
        for word in ["new", "grown", "known", "continued_here", "changed"] {
            members[word] = .int(count(word))
        }
        members["messages"] = .int(messages)
        members["left_out"] = .int(problems.count)
        members["sessions"] = .array(
            taken.map { session, outcome in
                [
                    "origin": .string(session.origin), "session": .int(outcome.session.number),
                    "outcome": .string(outcome.word), "messages": .int(outcome.messages),
                ]
            })
        members["problems"] = .array(problems.map { .string("\($0)") })
        return .object(members)
    }
}

extension ImportOutcome {
    var word: String {
        switch self {
        case .new: "new"
        case .grown: "grown"
        case .known: "known"
        case .continuedHere: "continued_here"
        case .changed: "changed"
        }
    }

    var session: SessionID {
        switch self {
        case .new(let id, _), .grown(let id, _), .known(let id), .continuedHere(let id, _), .changed(let id):
            id
        }
    }

    /// So many messages were stored.
    var messages: Int {
        switch self {
        case .new(_, let count), .grown(_, let count): count
        case .known, .continuedHere, .changed: 0
        }
    }
}
