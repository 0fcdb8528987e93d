import ConversationStore
import Logging
import ParleyCore
import ProviderStack
import Synchronization

/// Takes one job after the other from the feed and sees each to its end: admitted, written down, sent, settled.
struct JobWorker: Sendable {
    let run: RunContext

    func work() async throws {
        while let job = await run.feed.next() {
            try await process(job)
            run.holdings.drop(job.lease.job)
        }
    }

    private func process(_ job: LeasedJob) async throws {
        guard let plan = run.plans[job.batch] else { return try await giveBack(job) }
        let request: CompletionRequest
        do {
            request = try plan.request(for: job)
        } catch {
            return try await reject(job, because: "\(error)")
        }
        let chain = plan.chain(from: request.model)
        guard let choice = choose(from: chain, startingAt: job.candidate) else {
            let reason =
                run.governor.closure(of: chain.candidates[0].provider).map(\.description)
                ?? "no provider is left"
            run.halt.close(job.batch, reason)
            return try await giveBack(job)
        }
        var exchange = Exchange(
            run: run, job: job, plan: plan, candidate: choice.candidate, chain: chain,
            provider: choice.provider, request: request)
        exchange.request.model = chain.candidates[choice.candidate]
        try await exchange.perform()
    }

    /// The first model from `start` on whose provider can be asked in this run; or one after it, if that one can be asked
    /// before the first one's pause or rest is over.
    private func choose(
        from chain: FallbackChain, startingAt start: Int
    ) -> (candidate: Int, provider: any Provider)? {
        var choice: (candidate: Int, provider: any Provider)?
        for candidate in min(start, chain.candidates.count - 1)..<chain.candidates.count {
            let model = chain.candidates[candidate]
            guard run.governor.closure(of: model.provider) == nil else { continue }
            if let choice {
                let asked = run.governor.askedWait(of: chain.candidates[choice.candidate])
                guard run.governor.expectedWait(of: model) < asked else { continue }
            }
            do {
                choice = (candidate, try run.providers.provider(for: model))
            } catch {
                run.governor.close(
                    model.provider,
                    because: Failure(kind: .unauthorized, provider: model.provider, message: "\(error)"))
                continue
            }
            if run.governor.askedWait(of: model) == .zero { break }
        }
        return choice
    }

    private func giveBack(_ job: LeasedJob) async throws {
        try await run.store.release([job.lease], dueAt: run.time.now)
    }

    /// The row itself is at fault: no request can be made of it.
    private func reject(_ job: LeasedJob, because reason: String) async throws {
        run.logger.warning("job cannot be asked", metadata: ["job": "\(job.key)", "reason": "\(reason)"])
        try await run.store.reject(job.lease, because: reason)
        run.tally.failed(key: job.key, message: reason)
    }
}
