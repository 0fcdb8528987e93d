/// The pace that a provider turned out to bear where it tells no limit: what the database keeps of it.
public struct LearntPace: Sendable, Hashable {
    /// Requests per minute that are sent now.
    public var perMinute: Double
    /// The most requests per minute that a whole window went well with; nil when none has yet.
    public var provenPerMinute: Double?
    /// The fewest requests per minute that turned out to be too many; nil when that has been forgotten.
    public var refusedPerMinute: Double?
    /// When the pace was last lowered: answers to requests that were sent earlier say nothing of it.
    public var loweredAt: Timestamp
    /// When anything of it was last changed; of two processes the one that knows the newer pace is right.
    public var changedAt: Timestamp

    public init(
        perMinute: Double, provenPerMinute: Double? = nil, refusedPerMinute: Double? = nil,
        loweredAt: Timestamp, changedAt: Timestamp
    ) {
        self.perMinute = perMinute
        self.provenPerMinute = provenPerMinute
        self.refusedPerMinute = refusedPerMinute
        self.loweredAt = loweredAt
        self.changedAt = changedAt
    }

    /// The one that was lowered last; of two that were lowered at the same moment, the one that was raised last.
    static func newer(_ mine: LearntPace?, _ others: LearntPace?) -> LearntPace? {
        guard let mine else { return others }
        guard let others else { return mine }
        let isOthers = (others.loweredAt, others.changedAt) > (mine.loweredAt, mine.changedAt)
        return isOthers ? others : mine
    }
}
