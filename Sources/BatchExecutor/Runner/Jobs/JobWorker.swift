import ConversationStore
import Logging
import ParleyCore
import ProviderStack

/// Takes one job after the other and sees each to its end: admitted, written down, sent, settled.
///
/// It ends as soon as there is no job for it. More hands are called for when there are (see ``JobFeed/handsWanted()``).
struct JobWorker: Sendable {
    let run: RunContext
    /// Where it runs; nil for the common pool.
    var executor: (any TaskExecutor)?

    func work() async throws {
        run.feed.handCame()
        while let (job, lane, place) = run.feed.next() {
            if let wait = try await process(job, lane, place) {
                await run.feed.putBack(job, to: lane, place, until: run.time.now + wait)
            }
        }
    }

    /// How long the job has to lie before it can be taken again; nil when nothing more is to be done about it.
    private func process(_ job: LeasedJob, _ lane: JobFeed.Lane, _ place: CachePlace) async throws
        -> Duration?
    {
        defer { if place.isLeader { run.feed.end(job.lease.job, in: lane) } }
        guard var exchange = try await exchange(of: job, lane, place) else {
            end(job, lane, isInHand: true)
            return nil
        }
        if let wait = try await exchange.perform() { return wait }
        end(job, lane, isInHand: exchange.admission.isInHand, isHandedIn: exchange.isHandedIn)
        return nil
    }

    /// An answer that was handed in is somebody else's to see to its end.
    private func end(_ job: LeasedJob, _ lane: JobFeed.Lane, isInHand: Bool, isHandedIn: Bool = false) {
        if !isHandedIn {
            run.holdings.drop(job.lease)
            run.passOn(job.lease.job)
        }
        if isInHand { run.feed.done(lane) }
    }

    /// What is to be sent and to whom; nil when nothing is, which has been dealt with.
    private func exchange(
        of job: LeasedJob, _ lane: JobFeed.Lane, _ place: CachePlace
    ) async throws -> Exchange? {
        guard let plan = run.plans[job.batch] else {
            try await giveBack(job)
            return nil
        }
        var request: CompletionRequest
        do {
            request = try plan.request(for: job, place)
        } catch {
            try await reject(job, of: plan, because: "\(error)")
            return nil
        }
        let trial = try await run.trial(of: job, plan, correcting: &request)
        let chain = plan.chain(from: request.model)
        guard let choice = choose(from: chain, startingAt: job.candidate) else {
            let reason =
                run.governor.closure(of: chain.candidates[0].provider).map(\.description)
                ?? "no provider is left"
            run.halt.close(job.batch, reason)
            try await giveBack(job)
            return nil
        }
        var exchange = Exchange(
            run: run, job: job, plan: plan, candidate: choice.candidate, chain: chain,
            provider: choice.provider, request: request, trial: trial,
            admission: JobAdmission(run: run, job: job, lane: lane, deadline: plan.batch.deadline),
            executor: executor)
        exchange.request.model = chain.candidates[choice.candidate]
        if place.isLeader {
            exchange.onFirstToken = { [feed = run.feed, job = job.lease.job] in feed.ripen(job, in: lane) }
            exchange.streamsForOthers =
                run.settings.streams == nil && !plan.settings.streams
                && run.leaderForm.streams(from: exchange.request.model.provider)
        }
        return exchange
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
    private func reject(_ job: LeasedJob, of plan: BatchPlan, because reason: String) async throws {
        run.logger.warning("job cannot be asked", metadata: ["job": "\(job.key)", "reason": "\(reason)"])
        do {
            try await run.store.reject(job.lease, because: reason)
        } catch StoreError.leaseLost {
            return
        }
        run.tally.failed(job.key, in: job.batch, message: reason, at: run.time.now)
        run.tell(
            .failed(JobReport(batch: plan.batch.name, key: job.key, attempt: job.attempts + 1)))
    }
}
