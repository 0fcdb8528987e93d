import ConversationStore
import ParleyCore
import ProviderStack

/// What becomes of a job whose request failed: a value, so that each row of the table is a two-line test.
struct JobFate: Sendable {
    var retryPolicy: RetryPolicy
    /// The models that the job may ask.
    var chain: FallbackChain
    /// How many requests the job may cost.
    var attemptsMax: Int

    /// The step after `failure`.
    ///
    /// - Parameters:
    ///   - attempts: the requests sent for this job, the failed one included.
    ///   - candidate: which model failed, 0 being the job's own.
    func next(
        after failure: Failure, attempts: Int, candidate: Int, at now: Timestamp,
        random: inout some RandomNumberGenerator, isUsable: (ModelName) -> Bool = { _ in true }
    ) -> Settlement.NextStep {
        let delay =
            attempts < attemptsMax
            ? retryPolicy.delay(after: failure, attempt: attempts, retriesMax: nil, random: &random) : nil
        switch chain.step(after: failure, of: candidate, retryDelay: delay, isUsable: isUsable) {
        case .retry(let delay): return .retry(at: now + delay, candidate: candidate)
        case .next(let index): return .retry(at: now, candidate: index)
        // A failure that is the provider's as a whole never costs a job its life: it waits for a run in which the
        // provider can be used.
        case .giveUp: return failure.kind.concernsProvider ? .release(at: now) : .fail
        }
    }
}
