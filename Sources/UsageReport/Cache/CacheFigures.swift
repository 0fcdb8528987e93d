/// The figures of a provider's prompt cache by which a report judges it.
public struct CacheFigures: Sendable, Hashable {
    /// A shorter beginning is never kept, in tokens.
    public var tokensMin: Int
    /// How long an entry lives from its last use.
    public var lifetime: Duration
    /// The same for entries that were written for longer; nil = there are none.
    public var lifetimeLong: Duration?
    /// So many requests, one after the other, are needed before the next one finds the beginning; at least 1.
    public var leaders: Int
    /// More requests a minute with one beginning go to another machine; nil = no such limit.
    public var requestsPerMinute: Int?

    public init(
        tokensMin: Int, lifetime: Duration, lifetimeLong: Duration? = nil, leaders: Int = 1,
        requestsPerMinute: Int? = nil
    ) {
        self.tokensMin = tokensMin
        self.lifetime = lifetime
        self.lifetimeLong = lifetimeLong
        self.leaders = max(1, leaders)
        self.requestsPerMinute = requestsPerMinute.map { max(1, $0) }
    }
}
