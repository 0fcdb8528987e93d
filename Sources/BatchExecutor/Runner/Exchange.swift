import ConversationStore
import Logging
import ParleyCore
import ProviderStack
import Synchronization

/// One request of one job, from its admission to its settlement.
struct Exchange: Sendable {
    let run: RunContext
    let job: LeasedJob
    let plan: BatchPlan
    /// Which model of the job's chain is asked.
    let candidate: Int
    let chain: FallbackChain
    let provider: any Provider
    var request: CompletionRequest
    /// By what its answer is judged.
    let trial: AnswerTrial
    /// Of the request as it is sent.
    private(set) var digest: [UInt8] = []
    /// Whose answers it may be given instead of being sent; nil = nobody's.
    var reuse: ReuseScope?
    /// Where the worker runs; nil for the common pool.
    var executor: (any TaskExecutor)?
    /// Others wait for the first token of the answer.
    var onFirstToken: (@Sendable () -> Void)?
    /// It is streamed to that end alone.
    var streamsForOthers = false
    /// The answer was handed in at the desk, which sees to the rest; or the job waits for the answer of an identical request.
    var isHandedIn = false
    /// How long it was held up before it could be sent.
    private(set) var waited = Duration.zero
    var admission: JobAdmission

    init(
        run: RunContext, job: LeasedJob, plan: BatchPlan, candidate: Int, chain: FallbackChain,
        provider: any Provider, request: CompletionRequest, trial: AnswerTrial = AnswerTrial(),
        admission: JobAdmission,
        executor: (any TaskExecutor)? = nil
    ) {
        self.run = run
        self.job = job
        self.plan = plan
        self.candidate = candidate
        self.chain = chain
        self.provider = provider
        self.request = request
        self.trial = trial
        self.admission = admission
        self.executor = executor
    }

    /// A request of a job keeps its key however often it is sent; a job that the user asks to retry gets a new one, and so
    /// does another model of its chain: the digest sees to it that no key ever stands for two requests, not even in two
    /// copies of one database.
    private var idempotencyKey: String {
        run.roundKey(of: job) + RequestDigest.short(digest)
    }

    /// Gives how long the job has to lie in its lane when its turn is far off; else it has come to an end.
    mutating func perform() async throws -> Duration? {
        digest = RequestDigest.of(request)
        request.idempotencyKey = idempotencyKey
        if try await isShared() { return nil }
        let estimate = TokenEstimate.of(request)
        let priced = try await run.prices.price(of: request.model)
        let demand = Governor.Demand(
            model: request.model, inputTokens: estimate.tokens, outputTokens: request.maxTokens ?? 0)
        guard let worstCase = try await worstCase(priced) else { return nil }
        let askedAt = run.time.now
        while true {
            guard try await enterBudget(worstCase) else { return nil }
            let ticket: Governor.Ticket
            switch await admission.admit(demand) {
            case .granted(let granted): ticket = granted
            case .later(let wait):
                run.wall.leave(worstCase)
                return wait
            case .stopped, .overdue: return try await turnBack(worstCase)
            case .heldTooLong(let reason):
                run.halt.stop(.providers, timeoutSentence(reason), at: run.time.now)
                return try await turnBack(worstCase)
            }
            waited = run.time.now.since(askedAt)
            let opening: BudgetedOpening
            do {
                guard let opened = try await openShared(worstCase) else {
                    takeBack(ticket)
                    return nil
                }
                opening = opened
            } catch StoreError.leaseLost {
                // Its batch was paused or cancelled, or somebody else has the job.
                takeBack(ticket)
                return nil
            } catch {
                takeBack(ticket)
                throw error
            }
            switch opening {
            case .granted(let opened, _):
                try await send(opened, ticket: ticket, estimate: estimate, priced: priced)
                return nil
            case .wait: takeBack(ticket)
            case .refused(let standing):
                takeBack(ticket)
                try await stopForBudget(worstCase, standing)
                return nil
            }
        }
    }

    /// The request is not sent after all.
    private mutating func takeBack(_ ticket: Governor.Ticket) {
        run.governor.free(ticket)
        admission.withdraw()
    }

    /// There will be no turn for the job.
    private func turnBack(_ worstCase: Picodollars) async throws -> Duration? {
        run.wall.leave(worstCase)
        try await giveBack()
        return nil
    }

    func opening(_ worstCase: Picodollars) -> AttemptOpening {
        AttemptOpening(
            lease: job.lease, batch: job.batch, role: plan.settings.role, model: request.model,
            requestHash: digest, idempotencyKey: request.idempotencyKey ?? idempotencyKey,
            session: job.session,
            system: request.system, messages: request.messages, title: "\(plan.batch.name) \(job.key)",
            sentAt: run.time.now, worstCase: worstCase, reuse: reuse)
    }

    func giveBack() async throws {
        try await run.store.release([job.lease], dueAt: run.time.now)
    }

    private func timeoutSentence(_ reason: String) -> String {
        "\(request.model) would have to wait for \(reason), longer than the "
            + "\((run.settings.limitTimeout ?? .zero).milliseconds / 1000) s that a request may wait"
    }
}

extension Exchange {
    private mutating func send(
        _ opened: OpenAttempt, ticket: Governor.Ticket, estimate: TokenEstimate,
        priced: StoredPrice?
    ) async throws {
        request.idempotencyKey = opened.idempotencyKey
        await run.governor.waitForStart(ticket)
        run.tally.sent(to: request.model, at: run.time.now)
        let begun = ContinuousClock.now
        let arrival = await exchange(begun: begun)
        run.tally.landed(from: request.model)
        let settlement = Settlement(
            lease: job.lease, attempt: opened.attempt, session: opened.session, batch: job.batch,
            role: plan.settings.role, model: request.model, at: run.time.now,
            latency: ContinuousClock.now - begun, firstToken: arrival.firstToken, reserved: opened.reserved,
            knownAs: reuse == nil ? nil : digest,
            outcome: outcome(
                of: arrival, ticket: ticket, estimate: estimate, priced: priced,
                worstCase: opened.reserved ?? .zero))
        // A budget hears of each cost before the next request.
        if case .answered = settlement.outcome, run.wall.budget == nil {
            isHandedIn = true
            run.settlements.handIn(settlement, of: self)
        } else {
            try await settle(settlement)
        }
    }

    /// What came of a request.
    private struct Arrival: Sendable {
        var result: Result<Completion, Failure>
        var firstToken: Duration?
        var partialText: String?
    }

    /// Sends the request, such that a stop can cut it, and collects what comes.
    private func exchange(begun: ContinuousClock.Instant) async -> Arrival {
        let streams = run.settings.streams ?? (plan.settings.streams || streamsForOthers)
        let timer = RequestTimer(limit: plan.settings.limits.requestTimeout, time: run.time)
        timer.start { [holdings = run.holdings, job = job.lease.job] in holdings.cut(job) }
        defer { timer.cancel() }
        var arrival = await run.holdings.fly(job.lease.job, on: executor) {
            [provider, request, onFirstToken] in
            streams
                ? await Self.streamed(request, from: provider, begun: begun, onFirstToken: onFirstToken)
                : await Self.whole(request, from: provider)
        }
        if case .success = arrival.result { onFirstToken?() }
        if timer.hasFired, case .failure(let failure) = arrival.result, failure.kind == .cancelled {
            arrival.result = .failure(timer.failure(of: request.model, partialText: arrival.partialText))
        }
        return arrival
    }

    /// What has come of a stream.
    private struct Heard: Sendable {
        var answer = CompletionAccumulator()
        var firstToken: Duration?
    }

    private static func whole(_ request: CompletionRequest, from provider: any Provider) async -> Arrival {
        do throws(Failure) {
            return Arrival(result: .success(try await provider.complete(request)))
        } catch {
            return Arrival(result: .failure(error))
        }
    }

    private static func streamed(
        _ request: CompletionRequest, from provider: any Provider, begun: ContinuousClock.Instant,
        onFirstToken: (@Sendable () -> Void)?
    ) async -> Arrival {
        let box = Shared(Mutex(Heard()))
        let result: Result<Completion, Failure>
        do throws(Failure) {
            let completion = try await provider.stream(request) { event in
                let isFirst = box.value.withLock { heard in
                    heard.answer.add(event)
                    guard heard.firstToken == nil else { return false }
                    heard.firstToken = ContinuousClock.now - begun
                    return true
                }
                if isFirst { onFirstToken?() }
            }
            result = .success(completion)
        } catch {
            result = .failure(error)
        }
        return box.value.withLock { heard in
            Arrival(result: result, firstToken: heard.firstToken, partialText: heard.answer.text)
        }
    }

    private func outcome(
        of arrival: Arrival, ticket: Governor.Ticket, estimate: TokenEstimate, priced: StoredPrice?,
        worstCase: Picodollars
    ) -> Settlement.Outcome {
        switch arrival.result {
        case .success(let completion):
            run.governor.settle(ticket, usage: completion.usage)
            admission.place?.settle(completion.usage)
            if let failure = invalidAnswer(in: completion) {
                return failed(failure, estimate, priced, worstCase)
            }
            let cost = completion.usage.flatMap { self.cost(of: $0, priced, worstCase) }
            return .answered(completion, cost: cost, price: priced?.id)
        case .failure(let failure) where failure.kind == .cancelled:
            run.governor.failed(ticket, failure)
            return .interrupted(partialText: arrival.partialText)
        case .failure(let failure):
            run.governor.failed(ticket, failure)
            admission.place?.settle(failure.usage ?? Usage())
            return failed(failure, estimate, priced, worstCase)
        }
    }

    private func failed(
        _ failure: Failure, _ estimate: TokenEstimate, _ priced: StoredPrice?, _ worstCase: Picodollars
    ) -> Settlement.Outcome {
        let cost = failure.usage.flatMap { self.cost(of: $0, priced, worstCase) }
        let record = FailedRequest(
            body: provider.wireBody(of: request) ?? "", estimatedTokens: estimate.tokens,
            estimateMethod: estimate.method, messagesCount: request.messages.count,
            responseBody: failure.responseBody, cost: cost, price: priced?.id,
            mayCost: failure.mayCost(upTo: worstCase, beyond: cost))
        return .failed(failure, record: record, next: nextStep(after: failure))
    }

    private func nextStep(after failure: Failure) -> Settlement.NextStep {
        if streamsForOthers, let step = run.leaderForm.step(after: failure, at: run.time.now) { return step }
        let fate = JobFate(
            retryPolicy: run.retryPolicy, chain: chain, attemptsMax: plan.settings.attemptsMax,
            schemaRetriesMax: plan.settings.schemaRetriesMax,
            fallbackWait: run.governor.fallbackWait(in: chain, after: candidate),
            spread: run.governor.spread(of: request.model.provider))
        var random = SystemRandomNumberGenerator()
        return fate.next(
            after: failure, attempts: job.attempts + 1,
            invalid: trial.invalid + (failure.kind == .invalidAnswer ? 1 : 0), candidate: candidate,
            at: run.time.now, random: &random)
    }
}

extension Exchange {
    /// A full disk is waited out (see ``Store/waitForRoom(_:)``): an answer that was paid for is in our hands.
    func settle(_ settlement: Settlement) async throws {
        do {
            if let budget = run.wall.budget {
                run.wall.learn(try await run.store.settle(settlement, within: budget))
            } else {
                try await run.store.settle(settlement)
            }
            count(settlement)
            tell(settlement)
        } catch StoreError.leaseLost {
            run.logger.warning(
                "another worker had taken the job over; the answer is kept with its attempt",
                metadata: ["job": "\(job.key)"])
            run.tell(.leasesLost(1))
        }
    }

    func count(_ settlement: Settlement) {
        let outcome = settlement.outcome
        passOn(outcome)
        if case .failed(let failure, let record, _) = outcome, let usage = failure.usage {
            run.tally.billed(
                by: request.model, in: job.batch, usage, cost: record.cost, at: run.time.now)
        }
        switch outcome {
        case .answered(let completion, let cost, _):
            run.tally.answered(
                by: request.model, in: job.batch, completion.usage, cost: cost, after: settlement.latency,
                at: run.time.now)
        case .failed(let failure, _, .fail):
            run.tally.failed(job.key, in: job.batch, message: failure.description, at: run.time.now)
        case .failed(let failure, _, let next):
            if failure.kind.advice == .retry { run.tally.willRetry() }
            run.logger.debug(
                "will be asked again",
                metadata: ["job": "\(job.key)", "failure": "\(failure)", "next": "\(next)"])
        case .interrupted:
            run.tally.interrupted()
        }
    }
}

/// Gives closures a common hold of a lock, which cannot be copied.
private final class Shared<Value: ~Copyable & Sendable>: Sendable {
    let value: Value
    init(_ value: consuming Value) { self.value = value }
}

extension Failure {
    static func cancelled(_ model: ModelName) -> Failure {
        Failure(
            kind: .cancelled, provider: model.provider, model: model.model, message: "stopped before it ended"
        )
    }
}
