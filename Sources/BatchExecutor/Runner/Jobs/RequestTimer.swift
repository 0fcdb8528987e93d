import ParleyCore
import Synchronization

/// Ends a request that takes longer than its batch allows.
///
/// The limits of the wire clients (connection, first byte, silence) hold beside it; this one is the user's own.
final class RequestTimer: Sendable {
    private struct State: Sendable {
        var hasFired = false
        var task: Task<Void, Never>?
    }

    private let limit: Duration?
    private let time: TimeSource
    private let state = Mutex(State())

    /// - Parameter limit: nil = none.
    init(limit: Duration?, time: TimeSource) {
        self.limit = limit
        self.time = time
    }

    /// Calls `end` when the time is over.
    func start(_ end: @escaping @Sendable () -> Void) {
        guard let limit else { return }
        let task = Task {
            guard (try? await time.sleep(for: limit)) != nil else { return }
            state.withLock { $0.hasFired = true }
            end()
        }
        state.withLock { $0.task = task }
    }

    func cancel() { state.withLock { $0.task }?.cancel() }

    var hasFired: Bool { state.withLock { $0.hasFired } }

    /// What became of a request that was ended.
    func failure(of model: ModelName, partialText: String?) -> Failure {
        Failure(
            kind: .timedOut, provider: model.provider, model: model.model,
            message:
                "the answer took longer than \((limit ?? .zero).milliseconds / 1000) s, the batch's timeout",
            partialText: partialText)
    }
}
