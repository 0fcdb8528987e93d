import ParleyCore

/// Leaves a provider that keeps failing alone for a while, and tells its breaker how each request ended.
struct BreakingProvider: ProviderShell {
    let inner: any Provider
    let limiter: LimiterName
    let board: PolicyBoard

    func guarded(
        _ request: CompletionRequest, _ hearing: Hearing,
        ask: (any Provider, CompletionRequest) async throws(Failure) -> Completion
    ) async throws(Failure) -> Completion {
        await board.refresh(limiter)
        if let refusal = board.refusal(of: limiter.account, for: request.model) { throw refusal }
        do throws(Failure) {
            let completion = try await ask(inner, request)
            board.succeeded(limiter.account)
            await board.save()
            return completion
        } catch {
            board.failed(limiter.account, error)
            await board.save()
            throw error
        }
    }
}
