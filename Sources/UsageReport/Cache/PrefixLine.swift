public import ParleyCore

/// What the requests of a lane with one beginning read, wrote and cost, and which should have hit and did not.
public struct PrefixLine: Sendable, Hashable {
    /// Requests that missed for one reason.
    public struct Missed: Sendable, Hashable {
        public var requests = 0
        /// What they would have read beyond what they did; 0 where the beginning's length is not known.
        public var tokens = 0

        static func += (left: inout Self, right: Self) {
            left.requests += right.requests
            left.tokens += right.tokens
        }
    }

    /// What the order of arrival would have come to, by ``ArrivalReplay``.
    public struct Arrival: Sendable, Hashable {
        /// Tokens that would have been read from the cache.
        public var read = 0
        /// What the input would have cost; without the requests that have no price.
        public var inputCost = Picodollars.zero
    }

    public let lane: CacheLane
    public let name: PrefixName
    /// One of those that have it.
    public let job: JobID
    /// How long the beginning is; 0 = nothing was ever kept of it.
    public let tokens: Int
    public internal(set) var requests = 0
    /// Requests that read anything from the cache.
    public internal(set) var hits = 0
    /// The input only.
    public internal(set) var usage = Usage()
    /// Of the input; without the requests that have no price.
    public internal(set) var inputCost = Picodollars.zero
    /// The same tokens at the plain input rate.
    public internal(set) var plainCost = Picodollars.zero
    /// Requests without a price.
    public internal(set) var unpriced = 0
    /// Their cached tokens.
    public internal(set) var tokensUnpriced = 0
    public internal(set) var firstAt: Timestamp
    public internal(set) var lastAt: Timestamp
    public internal(set) var missed: [CacheMiss: Missed] = [:]
    /// Nil: it was not replayed.
    public internal(set) var arrival: Arrival?
    let figures: CacheFigures

    init(_ request: CachedRequest, _ beginning: PrefixSurvey.Beginning, _ figures: CacheFigures) {
        lane = request.lane
        name = beginning.name
        job = request.job
        tokens = beginning.tokens
        firstAt = request.sentAt
        lastAt = request.sentAt
        self.figures = figures
    }

    mutating func add(_ request: CachedRequest) {
        let input = request.usage.inputPart
        requests += 1
        if input.cacheRead > 0 { hits += 1 }
        usage = usage + input
        if let price = request.price {
            inputCost += price.cost(of: input)
            plainCost += price.cost(of: Usage(inputUncached: input.inputTotal))
        } else {
            unpriced += 1
            tokensUnpriced += input.cacheRead + input.cacheWrite
        }
        firstAt = min(firstAt, request.sentAt)
        lastAt = max(lastAt, request.sentAt)
    }

    /// Against no cache.
    public var saving: CacheSaving {
        CacheSaving(amount: plainCost - inputCost, tokensUnpriced: tokensUnpriced)
    }

    /// Against the order of arrival.
    public var orderSaving: OrderSaving? {
        arrival.map {
            OrderSaving(
                tokens: usage.cacheRead - $0.read, amount: $0.inputCost - inputCost, requests: requests,
                unpriced: unpriced)
        }
    }
}

/// What the order of sending saved against the order of arrival.
public struct OrderSaving: Sendable, Hashable {
    /// Tokens read from the cache beyond those that would have been; negative when they were fewer.
    public var tokens = 0
    /// Without the requests that have no price.
    public var amount = Picodollars.zero
    public var requests = 0
    public var unpriced = 0

    public init(
        tokens: Int = 0, amount: Picodollars = .zero, requests: Int = 0, unpriced: Int = 0
    ) {
        self.tokens = tokens
        self.amount = amount
        self.requests = requests
        self.unpriced = unpriced
    }

    public static func + (left: Self, right: Self) -> Self {
        OrderSaving(
            tokens: left.tokens + right.tokens, amount: left.amount + right.amount,
            requests: left.requests + right.requests, unpriced: left.unpriced + right.unpriced)
    }

    /// Nil when nothing of it has a price.
    public var known: Picodollars? { unpriced > 0 && unpriced == requests ? nil : amount }
}
