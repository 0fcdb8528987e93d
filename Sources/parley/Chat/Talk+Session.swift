import ConversationStore
import Conversations
import ParleyCore
import UsageReport

extension Talk {
    /// So much of an earlier message is shown where a conversation goes on.
    private static let recalledLinesMax = 12
    /// The last question stands among so many: it may have taken rounds of tools to answer it.
    private static let recalledMessagesMax = 40

    /// Says who answers, and where a conversation goes on what was said last.
    func greet() async throws {
        switch place {
        case .new(let draft):
            screen.say(screen.style.dim("\(draft.model)  /help lists the commands, Ctrl-D leaves"))
        case .existing(let id):
            let session = try await desk.store.requireSession(id)
            let title = session.title.isEmpty ? "" : "“\(VisibleText.line(session.title, length: 80))”  "
            screen.say(screen.style.dim("session \(id)  \(title)\(session.model)  /help lists the commands"))
            try await recall(session)
        }
    }

    private func recall(_ session: SessionRecord) async throws {
        let messages = try await desk.store.messages(of: session.id, last: Self.recalledMessagesMax)
            .filter { $0.isPart && !$0.message.content.isEmpty }
        // The last question, and the last word on it.
        let question = messages.last { $0.message.role == .user }
        let answer = messages.last { $0.message.role == .assistant && $0.position > question?.position ?? -1 }
        for message in [question, answer].compactMap({ $0 }) {
            let mark = message.message.role == .user ? "› " : ""
            let lines = message.message.content.split(separator: "\n", omittingEmptySubsequences: false)
            if lines.count > Self.recalledLinesMax { screen.say(screen.style.dim("…")) }
            for (index, line) in lines.suffix(Self.recalledLinesMax).enumerated() {
                let text = VisibleText.line(String(line), length: .max - 1)
                screen.say(screen.style.dim((index == 0 ? mark : "") + text))
            }
        }
        if session.status == .interrupted {
            let open = try await desk.store.openCalls(of: session.id)
            screen.say(
                open.isEmpty
                    ? "The last answer is not whole; /resume goes on with it."
                    : "\(Figures.count(open.count, "tool call")) without a result; /resume goes on with them."
            )
        }
    }

    /// Goes on with another conversation, or tells of this one.
    mutating func session(_ id: SessionID?) async throws {
        guard let id else {
            switch place {
            case .new(let draft):
                screen.say("A new conversation with \(draft.model); nothing has been asked yet.")
            case .existing(let id):
                let session = try await desk.store.requireSession(id)
                screen.say(
                    "session \(id)  “\(VisibleText.line(session.title, length: 80))”  \(session.model)")
            }
            return
        }
        let found = try await desk.takenUp(id)
        place = .existing(found)
        farewell.session = found
        try await greet()
    }

    mutating func change(model: ModelName?) async throws {
        if let model { _ = try desk.checked(model) }
        try await change(model, said: { $0.model.description }) { draft in
            model.map { draft.model = $0 }
        } session: {
            model.map { SessionChange(model: $0) } ?? SessionChange()
        }
    }

    mutating func change(system: String?) async throws {
        try await change(system, said: { $0.system ?? "no system prompt" }) { draft in
            draft.system = system
        } session: {
            SessionChange(system: system)
        }
    }

    /// Another role brings its model, limits and fallbacks.
    mutating func change(role name: String?) async throws {
        guard let name else { return screen.say(try await current().role) }
        switch place {
        case .new(let draft):
            var options = choice.options
            options.role = name
            options.model = nil
            var changed = try SessionChoice(options: options, config: choice.config, warn: choice.warn)
                .draft()
            changed.system = draft.system
            place = .new(changed)
        case .existing(let id):
            let session = try await desk.store.requireSession(id)
            var (change, settings) = try choice.changed(to: name, session)
            change.settings = settings
            try await desk.store.change(id, change)
        }
        screen.say("\(try await current().model) answers as \(name).")
    }

    private mutating func change<Value>(
        _ value: Value?, said: (SessionDraft) -> String, draft set: (inout SessionDraft) -> Void,
        session change: () -> SessionChange
    ) async throws {
        if value != nil {
            switch place {
            case .new(var draft):
                set(&draft)
                place = .new(draft)
            case .existing(let id): try await desk.store.change(id, change())
            }
        }
        screen.say(said(try await current()))
    }

    private func current() async throws -> SessionDraft {
        switch place {
        case .new(let draft): return draft
        case .existing(let id):
            let session = try await desk.store.requireSession(id)
            return SessionDraft(
                title: session.title, role: session.role, model: session.model, system: session.system,
                settings: session.settings)
        }
    }

    func tellUsage() async throws {
        guard let session else { return screen.say("Nothing has been asked yet.") }
        let sum = Farewell(try await desk.store.spending(of: session))
        for line in sum.lines(screen.style, width: screen.terminal.width) { screen.tell(line) }
    }

    func tellTools() async throws {
        let offered = try await current().settings.tools
        let tools = desk.runner.toolDefinitions.filter { offered?.contains($0.name) ?? true }
        guard !tools.isEmpty else { return screen.say("No tools are offered.") }
        for tool in tools { screen.say("\(tool.name)  \(VisibleText.line(tool.summary, length: 200))") }
    }
}
