import BatchExecutor
import ConversationStore
import Conversations
import Foundation
import ParleyCore
import ProviderStack
import UsageReport

extension Talk {
    /// Carries a slash command out.
    mutating func obey(_ command: SlashCommand) async throws {
        switch command {
        case .help:
            for line in SlashCommandEntry.helpLines(width: screen.terminal.width, style: screen.style) {
                screen.tell(line)
            }
        case .save(let file): try await save(to: file)
        case .session(let id): try await session(id)
        case .model(let model): try await change(model: model)
        case .role(let name): try await change(role: name)
        case .system(let text): try await change(system: text)
        case .usage: try await tellUsage()
        case .retry: try await again { try await $0.runner.retry($1, onEvent: $2) }
        case .resume: try await again { try await $0.runner.resume($1, onEvent: $2) }
        case .undo: try await undo()
        case .fork(let position): try await fork(through: position)
        case .offline: toggleOffline()
        case .queue(let prompt): try await queue(prompt)
        case .file(let path): attach(path)
        case .tools: try await tellTools()
        case .title(let text):
            try await desk.store.change(try requireSession(), SessionChange(title: text))
        case .quit: break
        }
    }

    private func requireSession() throws -> SessionID {
        guard let session else { throw CommandFailure("nothing has been asked yet") }
        return session
    }

    /// Asks the last question again, or goes on with what broke off.
    private mutating func again(
        _ work:
            @escaping @Sendable (ChatDesk, SessionID, @escaping ConversationRunner.Listener) async throws ->
            Exchange?
    ) async throws {
        let id = try requireSession()
        let done = try await exchange { desk, show in try await work(desk, id) { show.take($0) } }
        if !done { screen.say("There is nothing to go on with.") }
    }

    private mutating func undo() async throws {
        guard let text = try await desk.runner.undo(try requireSession()) else {
            return screen.say("There is no question to take back.")
        }
        screen.say("Taken back: \(VisibleText.line(text, length: AnswerPrinter.toolTextLengthMax))")
    }

    private mutating func fork(through position: Int?) async throws {
        let original = try requireSession()
        let fork = try await desk.store.fork(original, through: position, title: nil)
        place = .existing(fork)
        farewell.session = fork
        screen.say("This is session \(fork) now, a copy; session \(original) stays as it is.")
    }

    private mutating func attach(_ path: String) {
        do {
            let file = try Attachment.read((path as NSString).expandingTildeInPath)
            attachments.append(file)
            screen.say("\(file.name) goes with the next message.")
        } catch {
            screen.tell("\(error)")
        }
    }

    private func queue(_ prompt: String) async throws {
        let session = try await desk.store.requireSession(try requireSession())
        screen.say(try await ChatQueue(store: desk.store).add(prompt, after: session).sentence)
    }

    private func toggleOffline() {
        let isOffline = !desk.roster.watch.isChosen
        desk.roster.watch.isChosen = isOffline
        screen.say(isOffline ? "Only models on this machine are asked now." : "All models are asked again.")
    }

    /// As Markdown, or as JSON that can be imported where the name ends so.
    private func save(to file: String?) async throws {
        let id = try requireSession()
        let path = file.map { ($0 as NSString).expandingTildeInPath } ?? "session-\(id).md"
        let document = try await SessionDocument(of: id, from: desk.store)
        let isJSON = path.hasSuffix(".jsonl") || path.hasSuffix(".json")
        try await AtomicFile.write(to: path) { file in
            try file.write(
                isJSON ? document.json.bytes() + [UInt8(ascii: "\n")] : Array(document.markdown.utf8))
        }
        screen.say("Session \(id) is in \(path); the database has all of it anyway.")
    }
}
