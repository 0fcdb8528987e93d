import BatchExecutor
import ParleyCore
import Synchronization

/// Takes the events of a run without holding it up, and writes them in their order.
///
/// Events come from workers and from the database's writer, which must not wait for whoever reads standard error. When
/// so many wait that the reader must have stopped, new ones are left out, and how many is told.
final class EventPipe: Sendable {
    static let waitingMax = 65_536

    private struct Entry: Sendable {
        let event: RunEvent
        let happenedAt: Timestamp
    }

    private let entries: AsyncStream<Entry>
    private let take: AsyncStream<Entry>.Continuation
    private let dropped = Mutex(0)
    private let time: TimeSource

    init(time: TimeSource) {
        self.time = time
        (entries, take) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.waitingMax))
    }

    func take(_ event: RunEvent) {
        if case .dropped = take.yield(Entry(event: event, happenedAt: time.now)) {
            dropped.withLock { $0 += 1 }
        }
    }

    /// Nothing more comes; ``work(_:)`` ends when all is written.
    func finish() { take.finish() }

    /// Writes until ``finish()``.
    func work(_ write: (RunEvent, Timestamp) -> Void, onDropped: (Int) -> Void) async {
        for await entry in entries {
            write(entry.event, entry.happenedAt)
            let count = dropped.withLock { dropped in
                defer { dropped = 0 }
                return dropped
            }
            if count > 0 { onDropped(count) }
        }
    }
}
