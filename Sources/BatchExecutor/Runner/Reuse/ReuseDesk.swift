import ConversationStore
import ParleyCore
import Synchronization

/// Where jobs wait for the answer of an identical request, out of everybody's hands.
///
/// The decisions are ``IdenticalRequests``'; this holds them behind one lock, and wakes those who copy answers, who look at
/// what other processes ask, and who fetch more jobs.
final class ReuseDesk: Sendable {
    typealias Key = IdenticalRequests.Key
    typealias Waiting = IdenticalRequests.Waiting

    private struct State: Sendable {
        var requests = IdenticalRequests()
        var isFinished = false
        var pump: CheckedContinuation<Void, Never>?
    }

    /// While more wait no jobs are fetched, so that a million identical rows are not all held at once.
    static let waitingMax = 4096

    private let state = Mutex(State())
    private let hasOpened = Atomic(false)
    /// Says that there are answers to be copied.
    let copies: AsyncStream<Void>
    /// Says that somebody waits for what another process asks.
    let elsewhere: AsyncStream<Void>
    private let wakeCopier: AsyncStream<Void>.Continuation
    private let wakeWatcher: AsyncStream<Void>.Continuation

    init() {
        (copies, wakeCopier) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (elsewhere, wakeWatcher) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Changes something, and lets the pump go on if there is room again.
    private func change<Value: Sendable>(_ body: (inout State) -> Value) -> Value {
        let (value, pump) = state.withLock { state in
            let value = body(&state)
            var pump: CheckedContinuation<Void, Never>?
            if state.isFinished || state.requests.waitingCount < Self.waitingMax {
                swap(&pump, &state.pump)
            }
            return (value, pump)
        }
        pump?.resume()
        return value
    }

    /// Whether anybody ever came: in a run that shares nothing nobody takes the lock.
    var isOpen: Bool { hasOpened.load(ordering: .relaxed) }

    /// What the job is to do, and who goes on instead of it; nil when the run is ending.
    func enter(_ waiting: Waiting, with key: Key) -> (place: IdenticalRequests.Place, goers: [Waiting])? {
        if !isOpen { hasOpened.store(true, ordering: .relaxed) }
        let entry = change { $0.isFinished ? nil : $0.requests.enter(waiting, with: key) }
        // It may have come to a request whose answer is being copied.
        if entry?.place == .waits { wakeCopier.yield() }
        return entry
    }

    /// See ``IdenticalRequests/leave(_:as:)``.
    func leave(_ job: JobID, as end: IdenticalRequests.End) -> [Waiting] {
        let goers = change { $0.requests.leave(job, as: end) }
        if case .answered = end { wakeCopier.yield() }
        return goers
    }

    /// False when the run is ending.
    func waitElsewhere(_ waiting: Waiting, for key: Key) -> Bool {
        let waits = change { state in
            if !state.isFinished { state.requests.waitElsewhere(waiting, for: key) }
            return !state.isFinished
        }
        wakeWatcher.yield()
        // It may wait for an answer that has come meanwhile.
        wakeCopier.yield()
        return waits
    }

    var keysElsewhere: [(key: Key, batch: BatchID)] { state.withLock { $0.requests.elsewhere } }

    func goOn(_ key: Key) -> [Waiting] { change { $0.requests.goOn(key) } }

    func forget(_ key: Key) { change { $0.requests.forget(key) } }

    func nextCopies(
        upTo count: Int
    ) -> (key: Key, request: CompletionRequest, jobs: [Waiting])? {
        change { $0.requests.nextCopies(upTo: count) }
    }

    /// Takes out the jobs of a batch that wait.
    func remove(_ batch: BatchID) -> [LeasedJob] { change { $0.requests.remove(batch) } }

    /// Lets nobody wait any more; gives those who did.
    func finish() -> [LeasedJob] {
        change { state in
            state.isFinished = true
            return state.requests.removeAll()
        }
    }

    /// Waits until few enough wait that more jobs may be fetched.
    func room() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.isFinished || state.requests.waitingCount < Self.waitingMax { return true }
                state.pump = continuation
                return false
            }
            if isFree { continuation.resume() }
        }
    }
}
