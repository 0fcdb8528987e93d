/// Why a request that could have read a beginning from the cache did not.
public enum CacheMiss: String, Sendable, Hashable, CaseIterable {
    case tooShort = "too_short"
    case notReady = "not_ready"
    case expired, overflow, changed

    /// As a column shows it, with the figure that decides.
    func text(_ figures: CacheFigures) -> String {
        switch self {
        case .tooShort: "too short (under \(Figures.grouped(figures.tokensMin)) tokens)"
        case .notReady: "not ready"
        case .expired: "expired (after \(Figures.duration(figures.lifetime)))"
        case .overflow: "overflow (over \(figures.requestsPerMinute ?? 0) a minute)"
        case .changed: "changed"
        }
    }

    /// What it means, and what to do about it.
    public var advice: String {
        switch self {
        case .tooShort:
            "too short: nothing was ever kept of the beginning, since the provider keeps none so short. Put more of what "
                + "rows share in front, or do without the cache."
        case .notReady:
            "not ready: sent before the first token of the request that wrote the beginning had come. Run with --order "
                + "cache, in one process rather than several."
        case .expired:
            "expired: nobody had used the beginning for longer than the provider keeps it. Run a batch in one go, with "
                + "--order cache and a higher --rpm or --concurrency."
        case .overflow:
            "overflow: the provider sent so many requests with one beginning to another machine. --order cache spreads "
                + "them evenly; a lower --rpm needs fewer machines."
        case .changed:
            "changed: none of these. The provider saw another beginning (tools, system prompt, schema or what the model's "
                + "name stands for has changed), it dropped the entry early, or it was not asked to keep it. Compare the "
                + "requests."
        }
    }
}
