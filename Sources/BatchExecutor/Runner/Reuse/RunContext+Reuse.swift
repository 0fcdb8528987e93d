import ConversationStore
import Logging
import ParleyCore

/// What a run does so that identical requests are sent once.
extension RunContext {
    /// Whose answers the jobs of a batch may be given; nil = nobody's, which is usual.
    func reuseScope(of plan: BatchPlan) -> ReuseScope? {
        ReuseScope(
            reuses: settings.reuse ?? plan.settings.limits.reuse ?? false,
            collapses: settings.collapse ?? plan.settings.limits.collapse ?? false)
    }

    /// Makes known what was asked without any thought of sharing it, if anybody would take it.
    func catchUpWithKnownRequests() async throws {
        guard plans.all.contains(where: { reuseScope(of: $0) != nil }) else { return }
        try await store.catchUpWithKnownRequests()
    }

    /// The job will not ask, or has asked: somebody else may go on instead of it.
    func passOn(_ job: JobID, as end: IdenticalRequests.End = .open) {
        if reuse.isOpen { goOn(reuse.leave(job, as: end)) }
    }

    /// Jobs that waited come back into their lanes.
    func goOn(_ jobs: [IdenticalRequests.Waiting]) {
        if !jobs.isEmpty { feed.add(jobs.map { laneWork(for: $0.job) }) }
    }

    /// Takes the jobs of a batch that nobody works on out of the run.
    func withdraw(_ batch: BatchID) -> [LeasedJob] {
        let waiting = reuse.remove(batch)
        let ready = feed.remove(batch)
        for job in ready { passOn(job.lease.job) }
        return waiting + ready
    }

    /// Ends feed and waiting; gives the jobs that nobody works on.
    func withdrawAll() -> [LeasedJob] { reuse.finish() + feed.finish() }

    func count(_ answer: ReusedAnswer, of job: LeasedJob) {
        tally.reused(answer, in: job.batch, at: time.now)
        tell(.reused(batch: plans[job.batch]?.batch.name ?? "", key: job.key, answer))
    }
}

// Copies.
extension RunContext {
    /// So many jobs are ended in one transaction.
    private static let copiesMax = 256

    /// Gives copies of answers to all who wait for them, until the task is cancelled.
    func copyAnswers() async {
        for await _ in reuse.copies {
            while let (key, request, jobs) = reuse.nextCopies(upTo: Self.copiesMax) {
                await copyAnswer(of: request, with: key, to: jobs)
            }
        }
    }

    private func copyAnswer(
        of request: CompletionRequest, with key: IdenticalRequests.Key, to jobs: [IdenticalRequests.Waiting]
    ) async {
        let openings = jobs.compactMap { opening(of: $0.job, like: request, with: key) }
        do {
            guard openings.count == jobs.count else { throw CancellationError() }
            let outcomes = try await store.copyAnswers(for: openings)
            for (waiting, outcome) in zip(jobs, outcomes) {
                switch outcome {
                case .reused(let answer): count(answer, of: waiting.job)
                case .leaseLost: break
                case .gone:
                    reuse.forget(key)
                    goOn([waiting])
                    continue
                }
                holdings.drop(waiting.job.lease)
            }
        } catch {
            // Each comes upon the same trouble by itself, where the run hears of it.
            logger.debug("answers could not be copied", metadata: ["error": "\(error)"])
            goOn(jobs)
        }
    }

    /// Nil when the job's batch has gone, or shares nothing any more.
    private func opening(
        of job: LeasedJob, like request: CompletionRequest, with key: IdenticalRequests.Key
    ) -> AttemptOpening? {
        guard let plan = plans[job.batch], let scope = reuseScope(of: plan) else { return nil }
        return AttemptOpening(
            lease: job.lease, batch: job.batch, role: plan.settings.role, model: request.model,
            requestHash: key.digest, idempotencyKey: "", session: job.session, system: request.system,
            messages: request.messages, title: "\(plan.batch.name) \(job.key)", sentAt: time.now, reuse: scope
        )
    }
}

// Other processes.
extension RunContext {
    private static let lookEvery = Duration.milliseconds(500)

    /// Looks what has become of identical requests that other processes have sent, while somebody waits for them, until the
    /// task is cancelled.
    func watchElsewhere(_ worker: Worker, _ batches: [BatchID]?) async {
        for await _ in reuse.elsewhere {
            while !reuse.keysElsewhere.isEmpty {
                guard (try? await time.sleep(for: Self.lookEvery)) != nil else { return }
                do {
                    try await lookElsewhere(worker, batches)
                } catch {
                    logger.debug("others could not be looked at", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    private func lookElsewhere(_ worker: Worker, _ batches: [BatchID]?) async throws {
        var holders: Set<BatchID> = []
        for (key, batch) in reuse.keysElsewhere {
            guard let plan = plans[batch], let scope = reuseScope(of: plan),
                case .inAir(let holder) = try await store.known(key.digest, to: batch, in: scope)
            else {
                goOn(reuse.goOn(key))
                continue
            }
            holders.insert(holder)
        }
        // Whether the holder of a request lives is looked after for this run's own batches only. What is lost of others is
        // left for whoever runs them.
        guard let batches else { return }
        holders.subtract(batches)
        if !holders.isEmpty { _ = try await store.rescue(.hold, from: Array(holders), by: worker) }
    }
}
