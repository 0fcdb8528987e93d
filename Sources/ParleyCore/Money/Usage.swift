/// The tokens of one answer, in buckets that do not overlap.
///
/// Each dialect counts in its own way; whoever reads an answer sorts the counts into these buckets once, so that
/// nothing later can bill a token twice.
public struct Usage: Sendable, Hashable {
    /// Input that the provider had to read anew.
    public var inputUncached: Int
    /// Input that the provider had in its cache.
    public var cacheRead: Int
    /// Input written to a cache entry of five minutes.
    public var cacheWrite5m: Int
    /// Input written to a cache entry of one hour.
    public var cacheWrite1h: Int
    /// All that the model wrote, the reasoning included.
    public var output: Int
    /// The part of ``output`` that was reasoning.
    public var reasoning: Int
    /// What the provider says that the exchange cost, where it says so (OpenRouter does).
    public var reportedCost: Picodollars?

    public init(
        inputUncached: Int = 0, cacheRead: Int = 0, cacheWrite5m: Int = 0, cacheWrite1h: Int = 0,
        output: Int = 0,
        reasoning: Int = 0, reportedCost: Picodollars? = nil
    ) {
        self.inputUncached = inputUncached
        self.cacheRead = cacheRead
        self.cacheWrite5m = cacheWrite5m
        self.cacheWrite1h = cacheWrite1h
        self.output = output
        self.reasoning = reasoning
        self.reportedCost = reportedCost
    }

    public var cacheWrite: Int { cacheWrite5m + cacheWrite1h }

    /// All input, cached or not.
    public var inputTotal: Int { inputUncached + cacheRead + cacheWrite }

    public var total: Int { inputTotal + output }

    /// The sum of two usages; the reported costs add up where both are known.
    public static func + (left: Usage, right: Usage) -> Usage {
        Usage(
            inputUncached: left.inputUncached + right.inputUncached,
            cacheRead: left.cacheRead + right.cacheRead,
            cacheWrite5m: left.cacheWrite5m + right.cacheWrite5m,
            cacheWrite1h: left.cacheWrite1h + right.cacheWrite1h, output: left.output + right.output,
            reasoning: left.reasoning + right.reasoning,
            reportedCost: left.reportedCost.flatMap { cost in right.reportedCost.map { cost + $0 } })
    }
}
