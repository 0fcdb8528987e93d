import ParleyCore

/// Asks again after a failure that passes, as often and as late as the policy says.
///
/// An answer of which text has reached the consumer is never begun anew: its failure is passed on with that text.
struct RetryingProvider: ProviderShell {
    /// Spreads those who were told to come back at the same moment.
    static let wakeJitterMax = Duration.seconds(1)

    let inner: any Provider
    let policy: RetryPolicy
    let board: PolicyBoard
    let observer: any AttemptObserver
    /// How long the next model of the chain would have to be waited for; nil where there is none.
    let fallbackWait: @Sendable () -> Duration?

    func guarded(
        _ request: CompletionRequest, _ hearing: Hearing,
        ask: (any Provider, CompletionRequest) async throws(Failure) -> Completion
    ) async throws(Failure) -> Completion {
        var attempt = 1
        while true {
            let failure: Failure
            do throws(Failure) {
                return try await ask(inner, request)
            } catch {
                failure = error
            }
            if hearing.hasSpoken { throw hearing.marked(failure) }
            guard let delay = delay(after: failure, attempt: attempt, of: request) else { throw failure }
            await observer.waiting(
                PolicyWait(
                    model: request.model, reason: .retry(failure.kind), until: board.time.now + delay))
            guard (try? await board.time.sleep(for: delay)) != nil else {
                throw .cancelled(request, "stopped before it was asked again after: \(failure.message)")
            }
            hearing.beginAnew()
            attempt += 1
        }
    }

    /// Nil when this provider is not to be asked again: by the policy, or because the next one can be asked before the wait
    /// that this one wishes for is over.
    private func delay(after failure: Failure, attempt: Int, of request: CompletionRequest) -> Duration? {
        var numbers = board.random.numbers
        let delay = policy.delay(
            after: failure, attempt: attempt, retriesMax: request.retriesMax, random: &numbers)
        guard let delay, let wish = failure.retryAfter else { return delay }
        if let other = fallbackWait(), other < wish { return nil }
        guard failure.kind == .rateLimited else { return delay }
        return delay
            + .milliseconds(Int64.random(in: 0...Self.wakeJitterMax.milliseconds, using: &numbers))
    }
}
