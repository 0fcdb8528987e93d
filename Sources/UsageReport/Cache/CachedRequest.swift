public import ParleyCore

/// A batch and a model of it: only the requests of one lane can share an entry of a cache.
public struct CacheLane: Sendable, Hashable {
    public var batch: BatchID
    public var model: ModelName

    public init(batch: BatchID, model: ModelName) {
        self.batch = batch
        self.model = model
    }
}

/// A request of a batch whose provider has told its usage, as far as caches are concerned.
public struct CachedRequest: Sendable, Hashable {
    public var lane: CacheLane
    public var job: JobID
    /// Nil: it shares nothing but what its batch says for all.
    public var prefix: PrefixKey?
    public var sentAt: Timestamp
    /// From when on others can read what it wrote.
    public var firstTokenAt: Timestamp
    public var usage: Usage
    /// The one that was used; nil = unpriced.
    public var price: Price?

    public init(
        lane: CacheLane, job: JobID, prefix: PrefixKey?, sentAt: Timestamp, firstTokenAt: Timestamp,
        usage: Usage, price: Price?
    ) {
        self.lane = lane
        self.job = job
        self.prefix = prefix
        self.sentAt = sentAt
        self.firstTokenAt = firstTokenAt
        self.usage = usage
        self.price = price
    }
}

extension Usage {
    /// The buckets of the input alone.
    var inputPart: Usage {
        Usage(
            inputUncached: inputUncached, cacheRead: cacheRead, cacheWrite5m: cacheWrite5m,
            cacheWrite1h: cacheWrite1h)
    }
}
