public import ParleyCore

/// A batch as it is stored.
public struct BatchRecord: Sendable, Hashable {
    public var id: BatchID
    public var name: String
    public var state: BatchState
    public var priority: Int
    public var settings: BatchSettings
    public var source: String
    public var jobs: Int
    public var createdAt: Timestamp
    /// Nothing of it is sent from then on; nil = none.
    public var deadline: Timestamp?
    /// When its jobs and answers were removed; nil = they are there.
    public var prunedAt: Timestamp?
}

/// Where a batch stands, as far as whoever works on it has to look again and again.
public struct BatchPosition: Sendable, Hashable {
    public var id: BatchID
    public var state: BatchState
    public var priority: Int
    public var jobs: Int
    public var deadline: Timestamp?
    /// Differs after each change of the settings.
    public var revision: Int

    /// Open, and nothing of it may be sent any more.
    public func isOverdue(at now: Timestamp) -> Bool { state == .open && deadline.map { $0 <= now } ?? false }
}

/// How far a batch is and what it has cost.
public struct BatchStatus: Sendable, Hashable {
    public var batch: BatchRecord
    /// Every state has a count, if only zero.
    public var counts: [JobState: Int]
    /// Jobs whose request was sent again because nobody knew what had become of the first.
    public var askedAgain: Int
    /// Requests that ended: answered or failed.
    public var requests: Int
    public var failures: Int
    public var usage: Usage
    public var cost: Picodollars
    /// Answers whose cost is not known; ``cost`` is without them.
    public var unpricedRequests: Int

    public subscript(state: JobState) -> Int { counts[state, default: 0] }
}

/// How many jobs of the open batches are not finished.
public struct PendingCounts: Sendable, Hashable {
    public var waiting: Int
    public var leased: Int
    public var sent: Int
    public var unknown: Int

    public init(waiting: Int = 0, leased: Int = 0, sent: Int = 0, unknown: Int = 0) {
        self.waiting = waiting
        self.leased = leased
        self.sent = sent
        self.unknown = unknown
    }

    public var total: Int { waiting + leased + sent + unknown }
}
