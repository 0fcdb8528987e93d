import ConversationStore
import ParleyCore
import Synchronization

/// Whether the answers of leaders are streamed, so that their followers can go at the first token; for a provider that cannot
/// stream they are waited for whole.
///
/// Nobody asked for a stream, so none may cost a job its life: a request that is refused as one goes back and is sent anew.
final class LeaderForm: Sendable {
    private let whole = Mutex<Set<ProviderName>>([])

    func streams(from provider: ProviderName) -> Bool { whole.withLock { !$0.contains(provider) } }

    /// What becomes of a leader whose stream failed; nil where that has nothing to do with its being one.
    func step(after failure: Failure, at now: Timestamp) -> Settlement.NextStep? {
        switch failure.kind {
        case .rejected, .malformedReply, .emptyReply:
            whole.withLock { _ = $0.insert(failure.provider) }
            return failure.kind == .rejected ? .release(at: now) : nil
        default: return nil
        }
    }
}
