import ConversationStore
import Conversations
import ParleyCore
import ProviderStack
import UsageReport

/// A conversation at the prompt: what is written is asked, or is a command to parley itself.
struct Talk: Sendable {
    let desk: ChatDesk
    let reader: any LineReader
    let show: AnswerShow
    let choice: SessionChoice
    /// Where the next question goes.
    var place: TurnDraft.Place
    /// What goes with the next question.
    var attachments: [Attachment] = []
    var farewell = Farewell()

    var screen: Screen { desk.screen }

    /// The conversation, once something is stored.
    var session: SessionID? { if case .existing(let id) = place { id } else { nil } }

    /// Reads and answers until it is left; gives the status of the program's end.
    mutating func run() async throws -> ExitStatus {
        try await greet()
        desk.stops.onLeaving { [reader] in reader.stop() }
        reading: while !desk.stops.isLeaving {
            switch await reader.read(prompt: "› ") {
            case .interrupted, .end: break reading
            case .line(let text):
                guard try await take(ChatLine(text)) else { break reading }
            }
        }
        reader.close()
        leave()
        return desk.stops.isLeaving ? desk.stops.signal?.status ?? .done : .done
    }

    /// False when the conversation is left.
    private mutating func take(_ line: ChatLine) async throws -> Bool {
        switch line {
        case .nothing: return true
        case .problem(let sentence):
            screen.tell(sentence)
            return true
        case .message(let text):
            try await ask(text)
            return true
        case .command(.quit): return false
        case .command(let command):
            do {
                try await obey(command)
            } catch let error as CommandFailure {
                screen.tell(error.description)
            } catch let error as StoreError {
                screen.tell(error.description)
            }
            return true
        }
    }

    mutating func ask(_ text: String) async throws {
        guard let prompt = PromptAssembly.text(attachments: attachments, prompt: text) else { return }
        let question = Question(prompt, in: place.titled(text))
        farewell.questions += 1
        let asked = try await exchange { desk, show in
            try await desk.runner.ask(question) { show.take($0) }
        }
        if asked { attachments = [] }
    }

    /// Has the runner work where Ctrl-C stops it; false when nothing was asked.
    @discardableResult
    mutating func exchange(
        _ work: @escaping @Sendable (ChatDesk, AnswerShow) async throws -> Exchange?
    ) async throws -> Bool {
        let (desk, show) = (desk, show)
        do {
            let exchange = try await show.following {
                try await desk.stops.stoppable { try await work(desk, show) }
            }
            desk.stops.forgive()
            guard let exchange else { return false }
            take(exchange)
            return true
        } catch {
            desk.stops.forgive()
            guard let sentence = ChatDesk.sentence(of: error) else { throw error }
            screen.tell(sentence)
            return false
        }
    }

    /// What it took, and the command that goes on.
    private func leave() {
        let width = screen.terminal.isInteractive ? screen.terminal.width : .max
        for line in farewell.lines(screen.style, width: width) { screen.say(line) }
    }

    private mutating func take(_ exchange: Exchange) {
        place = .existing(exchange.session)
        farewell.add(exchange)
        for line in ExchangeText.lines(exchange, isConversation: true) { screen.tell(line) }
    }
}

extension TurnDraft.Place {
    /// A new conversation is called after what was written, not after the files that go with it.
    func titled(_ text: String?) -> TurnDraft.Place {
        guard case .new(var draft) = self, draft.title.isEmpty, let text else { return self }
        draft.title = SessionDraft.title(from: text)
        return .new(draft)
    }
}
