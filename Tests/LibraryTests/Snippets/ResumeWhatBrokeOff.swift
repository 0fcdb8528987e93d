import ConversationStore
import Conversations

/// Goes on with whatever conversation was interrupted, by a signal, a crash or a connection.
func goOn(in store: Store, by runner: ConversationRunner) async throws -> [Exchange] {
    try await store.closeLostTurns()
    var exchanges: [Exchange] = []
    for session in try await store.interruptedSessions(limit: 20)
    where session.job == nil && session.missing != .answering {
        if let exchange = try await runner.resume(session.id) { exchanges.append(exchange) }
    }
    return exchanges
}
