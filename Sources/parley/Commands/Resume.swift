import ArgumentParser
import ConversationStore
import Conversations
import OrderedCollections
import ParleyCore

/// `parley resume`: what was interrupted, and going on with it.
struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Go on with what was interrupted; without a session, list it.",
        discussion: """
            An answer that broke off goes on from where it stopped, where the model can; open tool calls are run; a \
            question without an answer is asked again. What had come before stays in the session's history.

            A batch's job that broke off goes on with `parley run`; `parley chat --session` takes its conversation up.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("The session that goes on.", valueName: "session"))
    var session: Int64?

    @Flag(help: "Go on with the one that was interrupted last.")
    var last = false

    @Flag(help: "List what is interrupted, the latest first.")
    var list = false

    @Option(
        name: [.customShort("n"), .long], help: ArgumentHelp("List so many (default: 20).", valueName: "n"))
    var limit = 20

    @OptionGroup var offline: OfflineOption

    @Flag(help: "Show an answer when it is whole.")
    var noStream = false

    @Flag(help: "Write JSON to standard output.")
    var json = false

    func validate() throws {
        let chosen = [session != nil, last, list].count { $0 }
        if chosen > 1 { throw ValidationError("a session, --last and --list exclude each other") }
        if limit < 1 { throw ValidationError("--limit is \(limit), but must be at least 1") }
    }

    func run() async throws {
        let workspace = try Workspace(global)
        guard session != nil || last else { return try await listing(workspace) }
        let reader = workspace.lineReader(isConversation: false)
        let status = try await ChatDesk.open(
            workspace, offline: offline, streams: !noStream,
            confirmer: reader.map { Confirmer(screen: workspace.screen, reader: $0) }
        ) { desk in try await goOn(desk) }
        reader?.close()
        guard status == .done else { throw ExitCode(status.rawValue) }
    }

    private func goOn(_ desk: ChatDesk) async throws -> ExitStatus {
        guard let wanted = try await chosen(in: desk.store) else {
            desk.screen.say("Nothing is interrupted.")
            return .done
        }
        let record = try await desk.store.requireSession(wanted)
        guard record.job == nil || record.status == .interrupted else {
            desk.screen.say("Nothing is missing in session \(wanted), which is a job's.")
            return .done
        }
        let id = try await desk.takenUp(wanted)
        let show =
            json
            ? nil
            : AnswerShow(
                screen: desk.screen, time: desk.workspace.time, showsReasoning: global.verbose ? true : nil,
                streams: !noStream)
        let resume = { @Sendable in
            try await desk.stops.stoppable { try await desk.runner.resume(id) { show?.take($0) } }
        }
        let exchange = if let show { try await show.following(resume) } else { try await resume() }
        guard let exchange else {
            desk.screen.say(
                "Nothing is missing in session \(id); `parley chat --session \(id)` goes on with it.")
            return .done
        }
        var farewell = Farewell()
        farewell.database = global.database
        farewell.config = global.config
        return desk.end(exchange, farewell, isJSON: json)
    }

    private func chosen(in store: Store) async throws -> SessionID? {
        if let session { return SessionID(session) }
        // A job goes on with its batch.
        return try await store.interruptedSessions(limit: limit).first {
            $0.job == nil && $0.missing != .answering
        }?.id
    }

    private func listing(_ workspace: Workspace) async throws {
        let sessions = try await workspace.withStore(.writing) { store in
            try await store.closeLostTurns()
            return try await store.interruptedSessions(limit: limit)
        }
        let screen = workspace.screen
        if json {
            screen.result(JSON.array(sessions.map { $0.json(at: workspace.time.now) }).text() + "\n")
            return
        }
        guard !sessions.isEmpty else { return screen.say("Nothing is interrupted.") }
        let text = InterruptedText(sessions: sessions, now: workspace.time.now)
        for line in text.lines(screen.style, width: screen.terminal.width) { screen.result(line + "\n") }
    }
}

extension InterruptedSession {
    /// The shape of `resume --list --json`.
    fileprivate func json(at now: Timestamp) -> JSON {
        [
            "session": .int(Int(id.number)), "title": .string(title), "model": .string(model.description),
            "missing": .string(missing.rawValue), "open_calls": .int(openCalls),
            "age_seconds": .int(Int(max(0, now.since(updatedAt).milliseconds / 1000))),
            "last_words": .string(lastWords), "batch": .init(job?.batch), "job": .init(job?.key),
        ]
    }
}
