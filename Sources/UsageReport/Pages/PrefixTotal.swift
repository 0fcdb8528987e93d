import OrderedCollections
import ParleyCore

/// The sums of some prefixes.
struct PrefixTotal: Sendable, Equatable {
    var requests = 0
    var hits = 0
    var usage = Usage()
    var inputCost = Picodollars.zero
    var unpriced = 0
    var saving = CacheSaving()
    /// Nil where nothing was replayed.
    var order: OrderSaving?

    init() {}

    init(_ line: PrefixLine) {
        requests = line.requests
        hits = line.hits
        usage = line.usage
        inputCost = line.inputCost
        unpriced = line.unpriced
        saving = line.saving
        order = line.orderSaving
    }

    static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.requests += right.requests
        sum.hits += right.hits
        sum.usage = left.usage + right.usage
        sum.inputCost += right.inputCost
        sum.unpriced += right.unpriced
        sum.saving = left.saving + right.saving
        sum.order = right.order.map { (left.order ?? OrderSaving()) + $0 } ?? left.order
        return sum
    }

    private var isUnpriced: Bool { unpriced > 0 && unpriced == requests }

    /// Nil when nothing of it has a price.
    var knownSaving: Picodollars? { isUnpriced ? nil : saving.known }

    /// The members that a row and the total of the JSON have in common.
    var json: JSONObject {
        [
            "requests": .int(requests),
            "hits": .int(hits),
            "hit_share": Self.share(hits, of: requests),
            "usage": usage.json,
            "cache_share": Self.share(usage.cacheRead, of: usage.inputTotal),
            "input_cost_usd": .init(isUnpriced ? nil : inputCost.dollars),
            "unpriced": .int(unpriced),
            "saved_usd": .init(knownSaving?.dollars),
            "saved_unpriced_tokens": .int(saving.tokensUnpriced),
            "arrival": order.map { .object($0.json) } ?? .null,
        ]
    }

    /// With four decimals; null when there is no whole.
    static func share(_ part: Int, of whole: Int) -> JSON {
        whole > 0 ? .double((10_000 * Double(part) / Double(whole)).rounded() / 10_000) : .null
    }
}
