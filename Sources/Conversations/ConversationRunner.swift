public import ConversationStore
public import ParleyCore
public import ProviderStack
import Synchronization

/// Asks in conversations, and stores all that is said in them.
///
/// The question and the request are stored before anything is sent, and what comes of the answer while it comes; so whoever is
/// killed has lost nothing, and ``resume(_:onEvent:)`` goes on. Cancelling the task stops an answer: what had come is kept, and the
/// exchange says `interrupted`.
///
/// One runner serves a whole program: its requests share the limits and the health of their providers. Several conversations may be
/// answered at once; one of them only once at a time.
public final class ConversationRunner: Sendable {
    public typealias Listener = @Sendable (ConversationEvent) async -> Void

    let store: Store
    let providers: any ProviderSource
    let tools: any ToolBox
    let settings: ConversationSettings
    let time: TimeSource
    let board: PolicyBoard
    /// This process, once it has begun a turn.
    private let worker = Mutex<Worker?>(nil)

    public init(
        store: Store, providers: any ProviderSource, tools: any ToolBox = NoTools(),
        settings: ConversationSettings = ConversationSettings(), time: TimeSource = .system
    ) {
        self.store = store
        self.providers = providers
        self.tools = tools
        self.settings = settings
        self.time = time
        board = PolicyBoard(settings: settings.board, memory: store, time: time)
        // What the headers of answers say of the limits.
        providers.listen { [weak self] model, reading in
            guard let self else { return }
            board.listener(for: self.providers.account(of: model.provider))(model, reading)
        }
    }

    /// The tools that are offered unless a conversation wants only some.
    public var toolDefinitions: [ToolDefinition] { tools.definitions }

    /// Hands over what was learnt of limits, and takes this process off the list of those that answer.
    public func close() async {
        await board.save()
        if let worker = worker.withLock({ $0 }) { try? await store.retire(worker) }
    }

    /// Asks, runs tools if the model wants them, and gives the last answer.
    ///
    /// What the providers do wrong is the exchange's outcome. Thrown is what keeps anything from being asked: a ``StoreError``, or why no
    /// model of the conversation can be asked at all; nothing is stored then.
    ///
    /// Tool calls that are open are answered as not run: providers take no question between a call and its result.
    public func ask(
        _ question: Question, onEvent: @escaping Listener = { _ in }
    ) async throws -> Exchange {
        let record: SessionRecord? =
            switch question.place {
            case .new: nil
            case .existing(let session): try await store.requireSession(session)
            }
        let chain = try await chain(for: question, record)
        if let record, record.job == nil { try await leaveCalls(of: record.id, onEvent) }
        let turn = try await store.begin(
            TurnDraft(question.place, messages: [.user(question.text)]), by: try await worker())
        let session = try await store.requireSession(turn.session)
        return try await answer(
            in: turn, Asking(session: session, chain: chain, expectsMore: question.expectsMore), onEvent)
    }

    /// Goes on with a conversation that was interrupted: runs its open calls, asks its last question, or goes on with its last answer
    /// from where it broke off. Nil when nothing is missing. What it throws is as with ``ask(_:onEvent:)``.
    public func resume(
        _ id: SessionID, onEvent: @escaping Listener = { _ in }
    ) async throws -> Exchange? {
        let session = try await store.requireSession(id)
        let messages = try await store.messages(of: id, last: Self.messagesForPlan)
        let open = try await store.openCalls(of: id)
        let plan = ResumePlan(
            messages, hasOpenCalls: !open.isEmpty, keepsParts: session.settings.schema == nil)
        var draft = TurnDraft(.existing(id), messages: [])
        var asking = Asking(session: session, chain: try await chain(session))
        switch plan {
        case .nothing: return nil
        case .runTools, .ask: break
        case .goOn(let message, let beginning):
            draft.replaces = message
            asking.beginning = asking.chain.continuation.beginning(beginning)
        case .askAnew(let message): draft.setsAside = [message]
        }
        let turn = try await store.begin(draft, by: try await worker())
        return try await answer(in: turn, asking, onEvent)
    }

    /// A plan looks at the last message that is a part of the conversation; so many may be history behind it.
    private static let messagesForPlan = 64

    /// Takes the last question and all that came of it out of a conversation; gives its text, or nil where there is none. It stays as
    /// history.
    public func undo(_ session: SessionID) async throws -> String? {
        let messages = try await store.messages(of: session).filter(\.isPart)
        guard let last = messages.lastIndex(where: { $0.message.role == .user }) else { return nil }
        try await store.setAside(messages[last...].map(\.id), of: session)
        return messages[last].message.content
    }

    /// Takes what the last question was answered out of the conversation, and asks it again. Nil where there is no question.
    public func retry(
        _ session: SessionID, onEvent: @escaping Listener = { _ in }
    ) async throws -> Exchange? {
        let messages = try await store.messages(of: session).filter(\.isPart)
        guard let last = messages.lastIndex(where: { $0.message.role == .user }) else { return nil }
        let asking = Asking(
            session: try await store.requireSession(session),
            chain: try await chain(try await store.requireSession(session)))
        let turn = try await store.begin(
            TurnDraft(
                .existing(session), messages: [], setsAside: messages[(last + 1)...].map(\.id)),
            by: try await worker())
        return try await answer(in: turn, asking, onEvent)
    }

    private func worker() async throws -> Worker {
        if let worker = worker.withLock({ $0 }) { return worker }
        let registered = try await store.register(.current())
        // Whoever came first at the same time is kept; the other entry is gone with this process.
        return worker.withLock { worker in
            let kept = worker ?? registered
            worker = kept
            return kept
        }
    }
}
