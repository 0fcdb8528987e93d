import ParleyCore
import Synchronization

/// Lets so many in at once; the others wait in the order in which they came. How many may change at any time.
package final class Turnstile: Sendable {
    enum Entry: Sendable, Hashable {
        case entered, timedOut, cancelled
    }

    private struct State: Sendable {
        var max: Int
        var inside = 0
        var nextNumber = 0
        var waiting: [(number: Int, continuation: CheckedContinuation<Bool, Never>)] = []

        /// Those who may come in now.
        mutating func admit() -> [CheckedContinuation<Bool, Never>] {
            let count = Swift.max(0, min(max - inside, waiting.count))
            guard count > 0 else { return [] }
            inside += count
            defer { waiting.removeFirst(count) }
            return waiting.prefix(count).map(\.continuation)
        }
    }

    private let state: Mutex<State>

    package init(max: Int) {
        precondition(max > 0, "a turnstile that lets nobody in is a wall")
        state = Mutex(State(max: max))
    }

    /// Whether somebody who came now would have to wait.
    var isFull: Bool { state.withLock { $0.inside >= $0.max } }

    /// Lets so many in at once from now on; whoever is in stays in.
    func setMax(_ max: Int) {
        precondition(max > 0, "a turnstile that lets nobody in is a wall")
        let next = state.withLock { state in
            state.max = max
            return state.admit()
        }
        for continuation in next { continuation.resume(returning: true) }
    }

    /// Waits to be let in; false when the task is cancelled first. Whoever was let in must call ``leave()``.
    package func enter() async -> Bool {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let verdict: Bool? = state.withLock { state in
                    // A task that is cancelled later finds its place in the queue by its number.
                    if Task.isCancelled { return false }
                    if state.inside < state.max {
                        state.inside += 1
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

    package func leave() {
        let next = state.withLock { state in
            state.inside -= 1
            return state.admit()
        }
        for continuation in next { continuation.resume(returning: true) }
    }
}
