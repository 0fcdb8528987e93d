import ConversationStore
import ParleyCore
import Synchronization

/// Stores what comes of an answer while it comes.
///
/// The consumer of the stream hands in each event; whatever is not stored at once by its length is stored by the clock that
/// ``beat()`` keeps.
final class PartKeeper: Sendable {
    private struct State: Sendable {
        var attempt: AttemptID?
        var part = AnswerPart()
        var pace = CheckpointPace()
    }

    private let store: Store
    private let turn: OpenTurn
    private let time: TimeSource
    /// What the answer goes on from.
    private let beginning: String
    private let state = Mutex(State())

    init(store: Store, turn: OpenTurn, beginning: String, time: TimeSource) {
        self.store = store
        self.turn = turn
        self.beginning = beginning
        self.time = time
    }

    /// A request is about to be sent: what comes from now on is its answer.
    func begin(_ attempt: AttemptID) {
        state.withLock { $0 = State(attempt: attempt) }
    }

    /// What has come, with its beginning; empty while nothing has.
    var part: AnswerPart { state.withLock { Self.whole($0.part, beginning) } }

    func hear(_ event: CompletionEvent) async {
        let isFull = state.withLock { state in
            switch event {
            case .text(let piece):
                state.part.text += piece
                return state.pace.note(piece.utf8.count)
            case .reasoning(let piece):
                state.part.reasoning += piece
                return state.pace.note(piece.utf8.count)
            default: return false
            }
        }
        if isFull { await store() }
    }

    /// Stores what is due, again and again, until the task is cancelled.
    func beat() async {
        while (try? await time.sleep(for: CheckpointPace.interval)) != nil { await store() }
    }

    /// A part that cannot be stored now is stored with the next one, or at the end; the end tells why it could not.
    private func store() async {
        let due = state.withLock { state -> (AttemptID, AnswerPart)? in
            guard state.pace.isDue, let attempt = state.attempt else { return nil }
            state.pace.stored()
            return (attempt, Self.whole(state.part, beginning))
        }
        guard let (attempt, part) = due else { return }
        try? await store.checkpoint(part, of: attempt, in: turn)
    }

    private static func whole(_ part: AnswerPart, _ beginning: String) -> AnswerPart {
        // Who has only thought so far has not lost what was there before.
        if part.text.isEmpty {
            return part.reasoning.isEmpty
                ? AnswerPart() : AnswerPart(text: beginning, reasoning: part.reasoning)
        }
        return AnswerPart(text: AnswerJoin(beginning).whole(part.text), reasoning: part.reasoning)
    }
}
