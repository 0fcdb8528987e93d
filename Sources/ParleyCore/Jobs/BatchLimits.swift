/// How fast and how dear a batch may be: what holds for running it and does not change what its jobs mean.
///
/// It is kept with the batch and holds for it alone, beside what a run sets for all of its batches: of two limits the
/// tighter one is felt. It may change later: whoever enqueues again under the same name has the last word.
public struct BatchLimits: Sendable, Hashable {
    /// The most requests of the batch in the air at once, in each process.
    public var concurrency: Int?
    public var requestsPerMinute: Int?
    /// Input and output together.
    public var tokensPerMinute: Int?
    /// The longest that one request may take, from its sending to its end.
    public var requestTimeout: Duration?
    /// The most that the batch may cost in all.
    public var budget: Picodollars?
    /// Whether a request that was answered before, in whatever batch, takes that answer instead of being sent again.
    public var reuse: Bool?
    /// Whether identical rows of the batch share one request.
    public var collapse: Bool?

    public init(
        concurrency: Int? = nil, requestsPerMinute: Int? = nil, tokensPerMinute: Int? = nil,
        requestTimeout: Duration? = nil, budget: Picodollars? = nil, reuse: Bool? = nil,
        collapse: Bool? = nil
    ) {
        self.concurrency = concurrency
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerMinute = tokensPerMinute
        self.requestTimeout = requestTimeout
        self.budget = budget
        self.reuse = reuse
        self.collapse = collapse
    }

    /// These with whatever the other ones say put over them.
    public func overlaid(by other: BatchLimits) -> BatchLimits {
        BatchLimits(
            concurrency: other.concurrency ?? concurrency,
            requestsPerMinute: other.requestsPerMinute ?? requestsPerMinute,
            tokensPerMinute: other.tokensPerMinute ?? tokensPerMinute,
            requestTimeout: other.requestTimeout ?? requestTimeout, budget: other.budget ?? budget,
            reuse: other.reuse ?? reuse, collapse: other.collapse ?? collapse)
    }
}

extension BatchLimits {
    /// As stored with the batch.
    var json: JSON {
        [
            "concurrency": concurrency.map { .int($0) } ?? .null,
            "rpm": requestsPerMinute.map { .int($0) } ?? .null,
            "tpm": tokensPerMinute.map { .int($0) } ?? .null,
            "timeout_ms": requestTimeout.map { .int(Int($0.milliseconds)) } ?? .null,
            "budget_usd": .init(budget?.dollars),
            "reuse": reuse.map { .bool($0) } ?? .null,
            "collapse": collapse.map { .bool($0) } ?? .null,
        ]
    }

    /// Reads what ``json`` wrote; members that are missing set no limit.
    init(json: JSON?) {
        self.init(
            concurrency: json?["concurrency"]?.intValue, requestsPerMinute: json?["rpm"]?.intValue,
            tokensPerMinute: json?["tpm"]?.intValue,
            requestTimeout: json?["timeout_ms"]?.intValue.map { .milliseconds($0) },
            budget: json?["budget_usd"]?.stringValue.flatMap { Picodollars(dollars: $0) },
            reuse: json?["reuse"]?.boolValue, collapse: json?["collapse"]?.boolValue)
    }
}
