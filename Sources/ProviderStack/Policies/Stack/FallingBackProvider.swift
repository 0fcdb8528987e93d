import ParleyCore

/// Asks one model after the other until one answers: as the advice of each failure says, or because the next one can be
/// asked before the first one's pause is over.
struct FallingBackProvider: ProviderShell {
    /// One for each candidate of the succession.
    let links: [any Provider]
    let succession: Succession
    let board: PolicyBoard
    let observer: any AttemptObserver

    /// Whose name the chain bears.
    var inner: any Provider { links[0] }

    func wireBody(of request: CompletionRequest) -> String? {
        inner.wireBody(of: request.asked(of: succession.chain.candidates[0]))
    }

    func guarded(
        _ request: CompletionRequest, _ hearing: Hearing,
        ask: (any Provider, CompletionRequest) async throws(Failure) -> Completion
    ) async throws(Failure) -> Completion {
        var request = request
        if request.idempotencyKey == nil { request.idempotencyKey = newKey() }
        guard var index = succession.first else { throw succession.nobody }
        while true {
            let model = succession.chain.candidates[index]
            let failure: Failure
            let next: Int
            if let pause = succession.pause(of: index) {
                (failure, next) = (pause.failure, pause.next)
            } else {
                do throws(Failure) {
                    return try await ask(links[index], request.asked(of: model))
                } catch {
                    failure = error
                }
                if hearing.hasSpoken { throw hearing.marked(failure) }
                let step = succession.chain.step(after: failure, of: index, retryDelay: nil) {
                    succession.isUsable($0)
                }
                guard case .next(let following) = step else { throw failure }
                next = following
            }
            await observer.fallingBack(
                from: model, to: succession.chain.candidates[next], because: failure)
            hearing.beginAnew()
            index = next
        }
    }

    /// The same for all tries of this request; 32 random hex digits.
    private func newKey() -> String {
        let halves = (0..<2).map { _ in
            let digits = String(board.random.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        return "\(Release.name)-\(halves.joined())"
    }
}

extension CompletionRequest {
    fileprivate func asked(of model: ModelName) -> CompletionRequest {
        var request = self
        request.model = model
        return request
    }
}

/// Who comes after whom, and who can be asked now.
struct Succession: Sendable {
    let chain: FallbackChain
    /// One for each candidate.
    let limiters: [LimiterName]
    let board: PolicyBoard
    /// Whether the model may be asked at all just now; offline, only those of this machine may.
    let mayAsk: @Sendable (ModelName) -> Bool

    /// Where a request begins: the first that can be asked now, else the first that may be. Nil when nobody may be asked.
    var first: Int? {
        let allowed = chain.candidates.indices.filter { mayAsk(chain.candidates[$0]) }
        return allowed.first { board.isUsable(limiters[$0]) } ?? allowed.first
    }

    func isUsable(_ model: ModelName) -> Bool {
        guard mayAsk(model), let index = chain.candidates.firstIndex(of: model) else { return false }
        return board.isUsable(limiters[index])
    }

    /// How long the next candidate that can be asked would have to be waited for.
    func fallbackWait(after index: Int) -> Duration? {
        next(after: index).map { board.expectedWait(of: limiters[$0]) }
    }

    /// The pause that the candidate has asked for, if the next one can be asked before it is over.
    func pause(of index: Int) -> (failure: Failure, next: Int)? {
        let pause = board.askedWait(of: limiters[index])
        guard pause > .zero, let next = next(after: index),
            board.expectedWait(of: limiters[next]) < pause
        else { return nil }
        let model = chain.candidates[index]
        let failure = Failure(
            kind: .rateLimited, provider: model.provider, model: model.model,
            message: "has asked to be left alone for another \(TimeLimits.words(pause))", retryAfter: pause)
        return (failure, next)
    }

    private func next(after index: Int) -> Int? {
        chain.candidates.indices.first { $0 > index && isUsable(chain.candidates[$0]) }
    }

    /// The failure when nobody may be asked.
    var nobody: Failure {
        let model = chain.candidates[0]
        let names = chain.candidates.map(\.description).joined(separator: ", ")
        return Failure(
            kind: .unreachable, provider: model.provider, model: model.model,
            message: "not asked: none of \(names) may be asked now")
    }
}
