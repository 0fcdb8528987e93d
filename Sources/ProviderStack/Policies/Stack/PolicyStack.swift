public import ParleyCore

/// The policies around the clients, put together: fallback of (retry of (breaker of (limiter of (wire)))).
///
/// For everybody who waits for an answer: a chat, a check, a program that uses the library. A batch decides by the same
/// values, but its retries are rows of the queue.
public enum PolicyStack {
    /// One model of a chain, and the client that asks it.
    public struct Candidate: Sendable {
        public var model: ModelName
        public var account: AccountName
        public var client: any Provider
        /// What is put around each single request, inside of the retries: the emulation of tools, say.
        public var around: @Sendable (any Provider) -> any Provider

        public init(
            model: ModelName, account: AccountName, client: any Provider,
            around: @escaping @Sendable (any Provider) -> any Provider = { $0 }
        ) {
            self.model = model
            self.account = account
            self.client = client
            self.around = around
        }
    }

    /// One provider that asks the candidates in their order; a request's own model is not looked at.
    ///
    /// - Parameters:
    ///   - candidates: not empty; the last resort stands last.
    ///   - limitTimeout: the longest that a request may wait for the limits before it fails; nil = as long as it takes.
    ///   - board: what is shared with all other requests of the process.
    ///   - mayAsk: whether a model may be asked at all just now.
    public static func compose(
        _ candidates: [Candidate], retry: RetryPolicy = RetryPolicy(), limitTimeout: Duration? = nil,
        board: PolicyBoard, observer: any AttemptObserver = NoObserver(),
        mayAsk: @escaping @Sendable (ModelName) -> Bool = { _ in true }
    ) -> any Provider {
        precondition(!candidates.isEmpty, "a chain of nobody answers nothing")
        let chain = FallbackChain(candidates[0].model, fallbacks: candidates.dropFirst().map(\.model))
        let members = chain.candidates.compactMap { model in candidates.first { $0.model == model } }
        let limiters = members.map { LimiterName(account: $0.account, model: $0.model.model) }
        let succession = Succession(chain: chain, limiters: limiters, board: board, mayAsk: mayAsk)
        let links = members.enumerated().map { index, candidate in
            let wire = ObservedProvider(inner: candidate.client, observer: observer, time: board.time)
            let limited = LimitedProvider(
                inner: wire, limiter: limiters[index], board: board, limitTimeout: limitTimeout,
                observer: observer)
            let breaking = BreakingProvider(inner: limited, limiter: limiters[index], board: board)
            return RetryingProvider(
                inner: candidate.around(breaking), policy: retry, board: board, observer: observer,
                fallbackWait: { succession.fallbackWait(after: index) })
        }
        return FallingBackProvider(links: links, succession: succession, board: board, observer: observer)
    }
}
