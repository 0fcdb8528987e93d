/// Whether a provider is left alone for a while: what the database keeps of a breaker.
public enum BreakerState: Sendable, Hashable {
    /// Calls go through; so many in a row have failed.
    case closed(failures: Int)
    /// No call goes through before that moment.
    case open(until: Timestamp)
    /// One call is in the air to look; if nothing is heard of it until then, another may look.
    case probing(until: Timestamp)

    /// What holds when a process has come from `base` to this state while others have brought what is stored to `stored`.
    ///
    /// Whoever has seen the provider answer is right; else the one who has seen more failures.
    public func merged(with stored: BreakerState, since base: BreakerState) -> BreakerState {
        if self == base { return stored }
        if stored == base { return self }
        switch (self, stored) {
        case (.closed(failures: 0), _), (_, .closed(failures: 0)): return .closed(failures: 0)
        case (.closed(let mine), .closed(let others)): return .closed(failures: max(mine, others))
        case (.closed, _): return stored
        default: return self
        }
    }
}
