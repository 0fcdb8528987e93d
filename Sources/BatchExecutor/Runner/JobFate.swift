import ConversationStore
import ParleyCore
import ProviderStack

/// What becomes of a job whose request failed: a value, so that each row of the table is a two-line test.
struct JobFate: Sendable {
    var retryPolicy: RetryPolicy
    /// How many models the job may ask, its own and the fallbacks.
    var candidatesCount: Int
    /// How many requests the job may cost.
    var attemptsMax: Int

    /// The step after `failure`.
    ///
    /// - Parameters:
    ///   - attempts: the requests sent for this job, the failed one included.
    ///   - candidate: which model failed, 0 being the job's own.
    func next(
        after failure: Failure, attempts: Int, candidate: Int, at now: Timestamp,
        random: inout some RandomNumberGenerator
    ) -> NextStep {
        switch failure.kind.advice {
        case .giveUp:
            return .fail
        case .fallBack:
            return fallBack(from: candidate, after: failure, at: now)
        case .retry:
            guard attempts < attemptsMax else { return .fail }
            if let delay = retryPolicy.delay(after: failure, attempt: attempts, random: &random) {
                return .retry(at: now + delay, candidate: candidate)
            }
            return fallBack(from: candidate, after: failure, at: now)
        }
    }

    /// The next model if there is one. A failure that is the provider's as a whole never costs a job its life: it waits
    /// for a run in which the provider can be used.
    private func fallBack(from candidate: Int, after failure: Failure, at now: Timestamp) -> NextStep {
        if candidate + 1 < candidatesCount { return .retry(at: now, candidate: candidate + 1) }
        return failure.kind.concernsProvider ? .release(at: now) : .fail
    }
}
