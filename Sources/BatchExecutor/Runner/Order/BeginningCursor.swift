import ConversationStore
import ParleyCore

/// How far the beginnings of a batch have been taken from the store.
///
/// They come in the order of their keys, which are hashes. Each process begins somewhere else and goes round once, so that two
/// of them on one batch seldom write the same beginning at the same time.
struct BeginningCursor: Sendable, Hashable {
    private(set) var after: Int64
    private var hasWrapped: Bool
    /// There are no more.
    private(set) var isExhausted = false

    init(start: Int64 = 0) {
        after = max(0, start)
        hasWrapped = after == 0
    }

    /// What the store gave when so many new beginnings were asked for.
    mutating func note(_ jobs: [LeasedJob]) {
        if let last = jobs.last(where: \.opensBeginning)?.prefix {
            after = last.number
        } else if hasWrapped {
            isExhausted = true
        } else {
            after = 0
            hasWrapped = true
        }
    }

    /// There may be new ones.
    mutating func reset() { self = BeginningCursor() }
}
