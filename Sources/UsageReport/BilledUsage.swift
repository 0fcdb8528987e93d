public import OrderedCollections
public import ParleyCore

/// What some requests used and cost, together.
public struct BilledUsage: Sendable, Hashable {
    /// All that were sent.
    public var requests: Int
    /// Those that brought no answer.
    public var failures: Int
    public var usage: Usage
    /// The cost of those that have a price.
    public var cost: Picodollars
    /// Answers whose model has no price; what they cost is not known, and not in ``cost``.
    public var unpriced: Int

    public init(
        requests: Int = 0, failures: Int = 0, usage: Usage = Usage(), cost: Picodollars = .zero,
        unpriced: Int = 0
    ) {
        self.requests = requests
        self.failures = failures
        self.usage = usage
        self.cost = cost
        self.unpriced = unpriced
    }

    public static func + (left: BilledUsage, right: BilledUsage) -> BilledUsage {
        BilledUsage(
            requests: left.requests + right.requests, failures: left.failures + right.failures,
            usage: left.usage + right.usage, cost: left.cost + right.cost,
            unpriced: left.unpriced + right.unpriced)
    }

    /// Nil when nothing of it has a price: that is not the same as free.
    public var knownCost: Picodollars? { unpriced > 0 && cost == .zero ? nil : cost }

    /// The members that every JSON report has.
    public var json: JSONObject {
        [
            "requests": .int(requests),
            "failures": .int(failures),
            "usage": usage.json,
            "cache_share": usage.inputTotal > 0
                ? .double((10_000 * Double(usage.cacheRead) / Double(usage.inputTotal)).rounded() / 10_000)
                : .null,
            "cost_usd": .init(knownCost?.dollars),
            "unpriced": .int(unpriced),
        ]
    }

    /// The cost in words: `$0.0213`, `unpriced`, or `$0.0213 + 3 unpriced`.
    public func costText(_ money: MoneyText) -> String {
        guard let knownCost else { return "unpriced" }
        let priced = money.text(knownCost)
        return unpriced == 0 ? priced : "\(priced) + \(Figures.grouped(unpriced)) unpriced"
    }
}
