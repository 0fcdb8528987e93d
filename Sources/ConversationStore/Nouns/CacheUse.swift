public import ParleyCore

/// Which requests a look at the providers' caches is about.
public struct CacheUseQuery: Sendable, Hashable {
    /// Nil = all batches.
    public var batch: BatchID?
    /// Both ends are widened to whole hours, as for sums; what counts is when a request ended.
    public var since: Timestamp?
    public var until: Timestamp?

    public init(batch: BatchID? = nil, since: Timestamp? = nil, until: Timestamp? = nil) {
        self.batch = batch
        self.since = since
        self.until = until
    }
}

/// What one request of a job read from its provider's cache and wrote to it.
public struct CacheUse: Sendable, Hashable {
    public var attempt: AttemptID
    public var batch: BatchID
    public var job: JobID
    public var model: ModelName
    /// Nil: it shares nothing but what its batch says for all.
    public var prefix: PrefixKey?
    /// `answered`; or `failed`, where a failure was billed: an answer that broke its schema.
    public var state: String
    public var sentAt: Timestamp
    /// From the sending to the first token; to the end, where that is not known.
    public var firstToken: Duration
    public var usage: Usage
    /// Nil = unpriced.
    public var price: PriceID?
    public var cost: Picodollars?
}

/// The requests of a batch and a model that have one prefix key, together.
public struct CacheUseSums: Sendable, Hashable {
    public var batch: BatchID
    public var model: ModelName
    public var prefix: PrefixKey?
    public var requests: Int
    /// The first and the last of its jobs.
    public var jobs: ClosedRange<Int64>
    /// The most tokens that one of them read from the cache.
    public var readMax: Int
    /// The fewest of those that read anything; 0 = none did.
    public var readLeast: Int
    /// The most that one of them read and wrote together.
    public var heldMax: Int
    /// The input tokens of the shortest.
    public var inputLeast: Int
    /// Whether tokens were billed as written.
    public var writes: Bool
}
