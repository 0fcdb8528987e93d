public import ParleyCore

/// The models to ask, one after the other, and the rule for moving on.
public struct FallbackChain: Sendable, Hashable {
    /// The first choice, then the others in order; never empty.
    public let candidates: [ModelName]

    public init(_ model: ModelName, fallbacks: [ModelName] = []) {
        var candidates = [model]
        for fallback in fallbacks where !candidates.contains(fallback) { candidates.append(fallback) }
        self.candidates = candidates
    }

    /// What to do after a failure of the candidate at `index`.
    public enum Step: Sendable, Hashable {
        /// Ask the same one again after that wait.
        case retry(after: Duration)
        /// Ask the candidate at that index, at once.
        case next(index: Int)
        case giveUp
    }

    /// Decides by the failure's advice and by the wait that the retry policy gives (nil = not again).
    ///
    /// `isUsable` says which candidates may be asked at all: those whose breaker is closed and whose account works.
    public func step(
        after failure: Failure, of index: Int, retryDelay: Duration?,
        isUsable: (ModelName) -> Bool = { _ in true }
    ) -> Step {
        switch failure.kind.advice {
        case .giveUp:
            return .giveUp
        case .retry:
            if let retryDelay { return .retry(after: retryDelay) }
        case .fallBack:
            break
        }
        let next = candidates.indices.first { $0 > index && isUsable(candidates[$0]) }
        return next.map { .next(index: $0) } ?? .giveUp
    }
}
