public import ParleyCore

/// What a usage report asks.
public struct UsageQuery: Sendable, Hashable {
    /// By what the sums are told apart.
    public enum Dimension: String, Sendable, Hashable, CaseIterable {
        case model, provider, role, batch, day, hour
    }

    public var by: [Dimension]
    /// The sums are kept by the hour, so both ends are widened to whole hours.
    public var since: Timestamp?
    public var until: Timestamp?
    public var batch: BatchID?
    /// East of Greenwich; decides where a day begins.
    public var timezoneOffsetSeconds: Int

    public init(
        by: [Dimension] = [], since: Timestamp? = nil, until: Timestamp? = nil, batch: BatchID? = nil,
        timezoneOffsetSeconds: Int = 0
    ) {
        self.by = by
        self.since = since
        self.until = until
        self.batch = batch
        self.timezoneOffsetSeconds = timezoneOffsetSeconds
    }
}

/// The sums of one group of requests.
public struct UsageRow: Sendable, Hashable {
    /// One entry for each dimension asked for. Days read `2026-01-31`, hours `2026-01-31T14:00`, models
    /// `provider/model`; the batch of what was asked by hand is empty.
    public var keys: [UsageQuery.Dimension: String]
    /// Requests that ended: answered or failed.
    public var requests: Int
    public var failures: Int
    public var usage: Usage
    public var cost: Picodollars
    /// Answers whose cost is not known; ``cost`` is without them.
    public var unpricedRequests: Int
    /// Answers whose provider told no usage; ``usage`` is without them.
    public var unreportedRequests: Int

    public init(
        keys: [UsageQuery.Dimension: String] = [:], requests: Int = 0, failures: Int = 0,
        usage: Usage = Usage(), cost: Picodollars = .zero, unpricedRequests: Int = 0,
        unreportedRequests: Int = 0
    ) {
        self.keys = keys
        self.requests = requests
        self.failures = failures
        self.usage = usage
        self.cost = cost
        self.unpricedRequests = unpricedRequests
        self.unreportedRequests = unreportedRequests
    }
}

/// A model that answered and has no price.
public struct UnpricedModel: Sendable, Hashable {
    public var model: ModelName
    public var requests: Int
    public var usage: Usage
}
