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
    /// How often it is asked again because its answer did not follow its schema.
    var schemaRetriesMax = BatchSettings.schemaRetriesDefault
    /// How long the next model of the chain would have to be waited for; nil where there is none.
    var fallbackWait: Duration?
    /// How requests that were turned away by a rate limit come back.
    var spread = WakeSpread()

    /// The step after `failure`.
    ///
    /// - Parameters:
    ///   - attempts: the requests sent for this job, the failed one included.
    ///   - invalid: those of them whose answer did not follow its schema; they take nothing from the retries of others.
    ///   - candidate: which model failed, 0 being the job's own.
    func next(
        after failure: Failure, attempts: Int, invalid: Int = 0, candidate: Int, at now: Timestamp,
        random: inout some RandomNumberGenerator, isUsable: (ModelName) -> Bool = { _ in true }
    ) -> Settlement.NextStep {
        if failure.kind == .rateLimited, let step = comeBack(after: failure, at: now, random: &random) {
            return step
        }
        if failure.kind == .invalidAnswer {
            return next(
                afterInvalid: failure, attempts: attempts, invalid: invalid, candidate: candidate, at: now)
        }
        let delay =
            attempts < attemptsMax
            ? retryPolicy.delay(after: failure, attempt: attempts - invalid, random: &random) : nil
        switch chain.step(after: failure, of: candidate, retryDelay: delay, isUsable: isUsable) {
        case .retry(let delay): return .retry(at: now + delay, candidate: candidate)
        case .next(let index): return .retry(at: now, candidate: index)
        // A failure that is the provider's as a whole never costs a job its life: it waits for a run in which the
        // provider can be used.
        case .giveUp:
            let isOfProvider = failure.kind.concernsProvider || failure.kind == .rateLimited
            return isOfProvider ? .release(at: now) : .fail
        }
    }

    /// A request that was turned away cost nothing and says nothing of the job, so it does not count as one of the job's
    /// attempts: however long the limit holds, no answer is lost to it. If the next model can be asked before the wish is
    /// over, the job comes back for that one (see ``JobWorker``). Nil when the provider asks for a
    /// longer wait than the policy's cap: then the next model is asked, if there is one.
    private func comeBack(
        after failure: Failure, at now: Timestamp, random: inout some RandomNumberGenerator
    ) -> Settlement.NextStep? {
        let wish = failure.retryAfter ?? .zero
        guard wish <= retryPolicy.cap else { return nil }
        if let fallbackWait, fallbackWait < wish { return .release(at: now + fallbackWait) }
        return .release(at: now + wish + spread.wait(random: &random))
    }
}
