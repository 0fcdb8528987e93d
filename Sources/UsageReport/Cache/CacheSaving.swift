public import ParleyCore

/// What the providers' prompt caches saved: the difference to the same tokens at the plain input rate.
///
/// Reading from a cache is cheaper than plain input, writing to one may be dearer; both count, so a cache that is
/// written and never read shows as a loss. The rates are the model's base rates of the hour in which the requests ran:
/// the higher rates for long prompts are left out, because sums no longer tell which request was long.
public struct CacheSaving: Sendable, Hashable {
    /// Negative when writing cost more than reading saved.
    public var amount: Picodollars
    /// The cached tokens for which there is no price; they are not in ``amount``.
    public var tokensUnpriced: Int

    public init(amount: Picodollars = .zero, tokensUnpriced: Int = 0) {
        self.amount = amount
        self.tokensUnpriced = tokensUnpriced
    }

    /// The saving of some usage at a price; nil stands for a model without one.
    public init(of usage: Usage, at price: Price?) {
        let cached = usage.cacheRead + usage.cacheWrite
        guard let price else {
            self.init(tokensUnpriced: cached)
            return
        }
        let base = Price(
            model: price.model, effectiveFrom: price.effectiveFrom, rates: price.rates, source: price.source)
        let asCached = Usage(
            cacheRead: usage.cacheRead, cacheWrite5m: usage.cacheWrite5m, cacheWrite1h: usage.cacheWrite1h)
        self.init(amount: base.cost(of: Usage(inputUncached: cached)) - base.cost(of: asCached))
    }

    public static func + (left: CacheSaving, right: CacheSaving) -> CacheSaving {
        CacheSaving(
            amount: left.amount + right.amount, tokensUnpriced: left.tokensUnpriced + right.tokensUnpriced)
    }

    /// Nil when there were cached tokens but no price for any.
    public var known: Picodollars? { tokensUnpriced > 0 && amount == .zero ? nil : amount }
}
