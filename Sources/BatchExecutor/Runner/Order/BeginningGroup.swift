import ConversationStore
import DequeModule
import ParleyCore

/// The jobs of a lane that share one beginning and wait.
struct BeginningGroup: Sendable {
    struct Entry: Sendable {
        var job: LeasedJob
        /// The longest beginning that it shares with others, however short that is; nil when it shares none.
        var level: Int?
    }

    /// The longest beginning that they share, of those that are long enough for the cache.
    let name: SharedBeginning.Name
    /// That one, and the shorter ones before it.
    let gates: [SharedBeginning.Name]
    var entries: Deque<Entry> = []
    /// How many more wait in the store; counted up to ``PrefixMates/countMax``.
    var more = 0

    /// Whether there will be another job of it.
    var isAlive: Bool { !entries.isEmpty || more > 0 }
}
