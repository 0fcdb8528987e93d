import ConversationStore
import Conversations
import ParleyCore

/// The next question of a conversation, with its answer shown as it comes.
func ask(
    _ question: String, in session: SessionID, by runner: ConversationRunner,
    showing show: @escaping @Sendable (String) async -> Void
) async throws -> Exchange {
    try await runner.ask(Question(question, in: .existing(session))) { event in
        switch event {
        case .arrived(.text(let piece)): await show(piece)
        case .beginsAnew: await show("\n[once more]\n")
        default: break
        }
    }
}
