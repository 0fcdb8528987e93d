import ParleyCore
import ProviderStack

/// Whether a beginning is worth an entry in the provider's cache, and of which lifetime: a value, so that the sum can be
/// shown.
///
/// For `jobs` requests that share a beginning and go `gap` apart, in shares of what the beginning costs uncached:
///
/// - no entry: `jobs`
/// - an entry that lives longer than the gap: `write + (jobs − 1) · read`
/// - an entry that does not: `jobs · write`, each request writes it anew
///
/// Requests that are sent for no other purpose than to keep an entry are not among the choices: as long as there are jobs,
/// they keep it alive by themselves for nothing, and after the last one nobody needs it.
struct CacheArithmetic: Sendable, Hashable {
    var rules: PromptCacheRules
    /// Requests with the beginning that are still to be sent, this one included.
    var jobs: Int
    /// The time between two of them; nil = not known, taken as short.
    var gap: Duration?

    /// What each choice costs.
    func cost(of retention: PromptCacheWish.Retention) -> Double {
        let (write, lifetime) =
            switch retention {
            case .none: (1.0, Duration.zero)
            case .standard: (rules.shares.write, rules.lifetime)
            case .hour: (rules.shares.writeLong, rules.lifetimeLong ?? .zero)
            }
        guard retention != .none, lifetime * CacheWarmth.lifetimeShare > gap ?? .zero else {
            return Double(jobs) * write
        }
        return write + Double(jobs - 1) * rules.shares.read
    }

    /// The cheapest; the provider's own lifetime where nothing is cheaper.
    var best: PromptCacheWish.Retention {
        var best = PromptCacheWish.Retention.standard
        if rules.lifetimeLong != nil, cost(of: .hour) < cost(of: best) { best = .hour }
        if cost(of: .none) < cost(of: best) { best = .none }
        return best
    }
}
