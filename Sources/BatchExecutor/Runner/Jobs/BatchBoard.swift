import ConversationStore
import ParleyCore
import Synchronization

/// Where the batches of a run stand, as it was last seen, whoever has changed it.
final class BatchBoard: Sendable {
    private struct State: Sendable {
        var positions: [BatchID: BatchPosition] = [:]
        /// Batches that were open at some time of this run.
        var seenOpen: Set<BatchID> = []
    }

    private let state = Mutex(State())

    /// What has changed since the last look.
    struct News: Sendable, Equatable {
        /// Batches whose settings have to be read anew.
        var unread: Set<BatchID> = []
        /// Batches of which nothing may be sent any more.
        var shut: Set<BatchID> = []
        var hasChanges = false
    }

    /// Takes over what holds now.
    func update(_ now: [BatchPosition]) -> News {
        let new = Dictionary(now.map { ($0.id, $0) }) { first, _ in first }
        return state.withLock { state in
            let old = state.positions
            state.positions = new
            state.seenOpen.formUnion(new.values.filter { $0.state == .open }.map(\.id))
            return News(
                unread: Set(new.values.filter { old[$0.id]?.revision != $0.revision }.map(\.id)),
                shut: Set(new.values.filter { $0.state != .open }.map(\.id)), hasChanges: old != new)
        }
    }

    var priorities: [BatchID: Int] {
        state.withLock { $0.positions.mapValues(\.priority).filter { $0.value != 0 } }
    }

    /// Open batches whose deadline has passed.
    func overdue(at now: Timestamp) -> [BatchID] {
        state.withLock { state in
            state.positions.values.filter { $0.isOverdue(at: now) }.map(\.id).sorted()
        }
    }

    /// Batches that were open at some time of this run: whoever pauses one of them may let it go on again.
    var seenOpen: Set<BatchID> { state.withLock { $0.seenOpen } }
}
