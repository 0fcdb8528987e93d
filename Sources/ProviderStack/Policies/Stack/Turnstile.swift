import ParleyCore
import Synchronization

/// Lets so many in at once; the others wait in the order in which they came.
final class Turnstile: Sendable {
    enum Entry: Sendable, Hashable {
        case entered, timedOut, cancelled
    }

    private struct State: Sendable {
        var free: Int
        var nextNumber = 0
        var waiting: [(number: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    }

    private let state: Mutex<State>

    init(max: Int) {
        precondition(max > 0, "a turnstile that lets nobody in is a wall")
        state = Mutex(State(free: max))
    }

    /// Whether somebody who came now would have to wait.
    var isFull: Bool { state.withLock { $0.free == 0 } }

    /// Waits to be let in; false when the task is cancelled first. Whoever was let in must call ``leave()``.
    func enter() async -> Bool {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let verdict: Bool? = state.withLock { state in
                    // A task that is cancelled later finds its place in the queue by its number.
                    if Task.isCancelled { return false }
                    if state.free > 0 {
                        state.free -= 1
                        return true
                    }
                    state.waiting.append((number, continuation))
                    return nil
                }
                if let verdict { continuation.resume(returning: verdict) }
            }
        } onCancel: {
            let place = state.withLock { state in
                state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0) }
            }
            place?.continuation.resume(returning: false)
        }
    }

    /// As ``enter()``, but not longer than `limit`.
    func enter(within limit: Duration?, time: TimeSource) async -> Entry {
        guard let limit, isFull else { return await enter() ? .entered : .cancelled }
        return await withTaskGroup(of: Bool?.self) { race in
            race.addTask { await self.enter() }
            race.addTask {
                try? await time.sleep(for: limit)
                return nil
            }
            var isIn = false
            if let first = await race.next() { isIn = first ?? false }
            race.cancelAll()
            // Both may have happened: whoever is in is in.
            while let second = await race.next() { isIn = isIn || second ?? false }
            return isIn ? .entered : Task.isCancelled ? .cancelled : .timedOut
        }
    }

    func leave() {
        let next = state.withLock { state in
            if state.waiting.isEmpty {
                state.free += 1
                return nil as CheckedContinuation<Bool, Never>?
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume(returning: true)
    }
}
