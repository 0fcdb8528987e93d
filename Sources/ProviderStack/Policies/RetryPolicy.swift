public import ParleyCore

/// Whether to ask again after a failure, and when. It decides about one request; the state lies in `attempt`.
public struct RetryPolicy: Sendable, Hashable {
    /// The wait before the first retry is drawn from zero to this.
    public var base: Duration
    /// No wait is longer; a server that asks for a longer one is not asked again.
    public var cap: Duration
    /// Retries after a rate limit.
    public var rateLimitRetriesMax: Int
    /// Retries after an answer without content; each costs its input tokens again.
    public var emptyRetriesMax: Int
    /// The wait before each of those.
    public var emptyDelay: Duration
    /// Retries after all other failures that another try may mend.
    public var otherRetriesMax: Int

    public init(
        base: Duration = .seconds(2), cap: Duration = .seconds(120), rateLimitRetriesMax: Int = 10,
        emptyRetriesMax: Int = 3, emptyDelay: Duration = .seconds(1), otherRetriesMax: Int = 6
    ) {
        self.base = base
        self.cap = cap
        self.rateLimitRetriesMax = rateLimitRetriesMax
        self.emptyRetriesMax = emptyRetriesMax
        self.emptyDelay = emptyDelay
        self.otherRetriesMax = otherRetriesMax
    }

    /// How long to wait before the next try; nil = this provider is not to be asked again.
    ///
    /// `attempt` counts from 1: the one that has just failed. `retriesMax` is a request's own limit and stands for the
    /// policy's. The server's own wish goes before any other wait; else the wait is drawn from zero to
    /// `base · 2^(attempt - 1)`, at most ``cap`` ("full jitter": many callers that failed together do not come back
    /// together).
    public func delay(
        after failure: Failure, attempt: Int, retriesMax: Int? = nil,
        random: inout some RandomNumberGenerator
    ) -> Duration? {
        guard failure.kind.advice == .retry, failure.code != Failure.limitTimeoutCode,
            attempt <= retriesMax ?? self.retriesMax(after: failure.kind)
        else { return nil }
        if let wish = failure.retryAfter { return wish > cap ? nil : wish }
        if failure.kind == .emptyReply { return min(emptyDelay, cap) }
        let ceiling = min(cap.milliseconds, base.milliseconds << min(max(attempt - 1, 0), 30))
        return .milliseconds(Int64.random(in: 0...max(ceiling, 0), using: &random))
    }

    /// How often a request is tried again after a failure of that kind.
    public func retriesMax(after kind: Failure.Kind) -> Int {
        switch kind {
        case .rateLimited: rateLimitRetriesMax
        case .emptyReply: emptyRetriesMax
        default: kind.advice == .retry ? otherRetriesMax : 0
        }
    }
}
