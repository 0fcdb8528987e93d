import ConversationStore
import ParleyCore

/// A beginning that a job's prompt may share with others of its lane.
struct SharedBeginning: Sendable, Hashable {
    /// Which one; the same for all jobs of a lane that have it.
    struct Name: Sendable, Hashable {
        /// 0: what the batch says for all; 1 and 2: with parts of the row's own (see ``PromptOutline``).
        var level: Int
        /// The part of the ``PrefixKey`` that counts at that level.
        var number: Int64

        /// The keys of the jobs that have it; nil for what the batch says for all.
        var keys: ClosedRange<Int64>? {
            switch level {
            case 1: PrefixKey(number).siblings
            case 2: number...number
            default: nil
            }
        }
    }

    var name: Name
    /// About how long it is.
    var tokens: Int
    /// How many others are known to share it; counted up to ``PrefixMates/countMax``.
    var mates: Int
}

extension SharedBeginning.Name {
    static let common = Self(level: 0, number: 0)

    static func own(_ key: PrefixKey, level: Int) -> Self {
        Self(level: level, number: level == 1 ? key.siblings.lowerBound : key.number)
    }
}

/// What a job that goes has to do with its provider's cache.
struct CachePlace: Sendable, Hashable {
    /// Others wait for the first token of its answer.
    var isLeader = false
    /// The longest beginning that it shares with others; nil when it shares none.
    var level: Int?
    /// Which of several copies of that beginning it goes to.
    var shard = 0
    var retention = PromptCacheWish.Retention.standard
    /// With whom it stood in the queue, for the case that it comes back.
    var group: SharedBeginning.Name?
    var gates: [SharedBeginning.Name] = []
}
