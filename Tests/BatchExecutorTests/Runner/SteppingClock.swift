import ConversationStore
import ParleyCore
import Synchronization

/// A clock that goes on by itself, from one awaited moment to the next, while nobody holds it.
///
/// Many may wait at once, and each is woken in its turn; that is what a run with its pump, its panel and its workers
/// needs. Whoever does something real meanwhile (a request over a socket) holds the clock, so that no virtual minute
/// passes in it.
final class SteppingClock: Sendable {
    private struct State: Sendable {
        var now = Timestamp(milliseconds: 1_795_000_000_000)
        var nextNumber = 0
        var sleepers: [Int: (wakesAt: Timestamp, continuation: CheckedContinuation<Bool, Never>)] = [:]
        var holders = 0
        /// The longest way that the next step may go.
        var stride = SteppingClock.strideMin
    }

    private let state = Mutex(State())
    /// How many turns everybody else gets before the clock takes a step, and how often the store is waited for meanwhile.
    private static let turns = 50
    private static let storeTurns = 3
    /// A long sleep is gone through in steps, each twice as long as the one before it: whoever begins meanwhile, and sleeps for
    /// a shorter time, is not slept over.
    private static let strideMin = Duration.milliseconds(100)

    var now: Timestamp { state.withLock { $0.now } }

    var time: TimeSource { TimeSource(now: { self.now }, sleep: { try await self.sleep(for: $0) }) }

    /// Runs the body while the clock goes, no faster than the store writes and reads: before each step everything that was
    /// queued there has been committed.
    func going<Value: Sendable>(
        with store: Store, _ body: @Sendable () async throws -> Value
    ) async rethrows -> Value {
        let hand = Task {
            while !Task.isCancelled {
                for _ in 0..<Self.storeTurns {
                    for _ in 0..<Self.turns { await Task.yield() }
                    try? await store.add(prices: [])
                    _ = try? await store.pending(from: nil)
                }
                step()
            }
        }
        defer { hand.cancel() }
        return try await body()
    }

    /// Stands still during the body.
    func held<Value, Failed: Error>(
        _ body: () async throws(Failed) -> Value
    ) async throws(Failed) -> Value {
        state.withLock { $0.holders += 1 }
        defer { state.withLock { $0.holders -= 1 } }
        return try await body()
    }

    private func step() {
        let awake = state.withLock { state -> [CheckedContinuation<Bool, Never>] in
            guard state.holders == 0, let next = state.sleepers.values.map(\.wakesAt).min() else { return [] }
            if next > state.now + state.stride {
                state.now = state.now + state.stride
                state.stride = state.stride * 2
                return []
            }
            state.stride = Self.strideMin
            state.now = max(state.now, next)
            let due = state.sleepers.filter { $0.value.wakesAt <= state.now }
            for number in due.keys { state.sleepers[number] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in awake { continuation.resume(returning: true) }
    }

    private func sleep(for duration: Duration) async throws {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        let isAwake = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if Task.isCancelled { return true }
                    state.sleepers[number] = (state.now + duration, continuation)
                    return false
                }
                if isCancelled { continuation.resume(returning: false) }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: number) }?.continuation.resume(returning: false)
        }
        if !isAwake { throw CancellationError() }
    }
}
