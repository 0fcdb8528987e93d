import ParleyCore

/// Waits for the account's limits before it asks, and tells them afterwards what was used.
struct LimitedProvider: ProviderShell {
    let inner: any Provider
    let limiter: LimiterName
    let board: PolicyBoard
    /// The longest that a request may wait here; nil = as long as it takes.
    let limitTimeout: Duration?
    let observer: any AttemptObserver

    func guarded(
        _ request: CompletionRequest, _ hearing: Hearing,
        ask: (any Provider, CompletionRequest) async throws(Failure) -> Completion
    ) async throws(Failure) -> Completion {
        let begun = board.time.now
        let turnstile = board.turnstile(of: limiter)
        try await enter(turnstile, request)
        defer { turnstile.leave() }
        let demand = LimitDemand(
            inputTokens: TokenEstimate.of(request).tokens, outputTokens: request.maxTokens)
        let (place, hasWaited) = try await waitForTurn(request, demand, since: begun)
        let flight = board.send(place, demand, in: limiter, hasWaited: hasWaited)
        do throws(Failure) {
            let completion = try await ask(inner, request)
            board.settle(place, flight, in: limiter, usage: completion.usage)
            return completion
        } catch {
            board.failed(place, flight, in: limiter, error)
            throw error
        }
    }

    private func enter(_ turnstile: Turnstile, _ request: CompletionRequest) async throws(Failure) {
        let begun = board.time.now
        let isFull = turnstile.isFull
        if isFull {
            board.waitBegins()
            await observer.waiting(PolicyWait(model: request.model, reason: .concurrency, until: nil))
        }
        let entry = await turnstile.enter(within: limitTimeout, time: board.time)
        if isFull { board.waitEnds(after: board.time.now.since(begun)) }
        switch entry {
        case .entered: return
        case .cancelled: throw .cancelled(request, "stopped while it waited for its turn")
        case .timedOut:
            throw timeout(request, "no request in the air has ended within", retryAfter: nil)
        }
    }

    /// Takes a place in the provider's time and waits for it. A pause can come between, so it looks again after waking.
    private func waitForTurn(
        _ request: CompletionRequest, _ demand: LimitDemand, since begun: Timestamp
    ) async throws(Failure) -> (TokenBucket.Reservation, hasWaited: Bool) {
        var hasWaited = false
        let place = board.reserve(limiter, demand)
        while let obstacle = board.obstacle(of: place, in: limiter) {
            let now = board.time.now
            let wait =
                obstacle.reason == .pause ? obstacle.wait + board.wakeJitter(of: limiter) : obstacle.wait
            if let limitTimeout, now.since(begun) + wait > limitTimeout {
                board.free(place, in: limiter)
                throw timeout(
                    request, "the limits would hold it for \(TimeLimits.words(wait)), it may wait",
                    retryAfter: wait)
            }
            hasWaited = hasWaited || obstacle.reason == .pace
            board.waitBegins()
            await observer.waiting(
                PolicyWait(model: request.model, reason: obstacle.reason, until: now + wait))
            let isAwake = (try? await board.time.sleep(for: wait)) != nil
            board.waitEnds(after: board.time.now.since(now))
            guard isAwake else {
                board.free(place, in: limiter)
                throw .cancelled(request, "stopped while it waited for the limits")
            }
        }
        return (place, hasWaited)
    }

    private func timeout(
        _ request: CompletionRequest, _ reason: String, retryAfter: Duration?
    ) -> Failure {
        let limit = limitTimeout.map { " \(TimeLimits.words($0))" } ?? ""
        return Failure(
            kind: .rateLimited, provider: request.model.provider, model: request.model.model,
            code: Failure.limitTimeoutCode, message: "not sent: \(reason)\(limit)", retryAfter: retryAfter)
    }
}
