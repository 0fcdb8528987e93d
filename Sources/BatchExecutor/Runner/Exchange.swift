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

    /// A request of a job keeps its key however often it is sent; a job that the user asks to retry gets a new one.
    private var idempotencyKey: String {
        "parley-\(run.store.identity)-\(job.lease.job)-\(job.round)"
    }

    mutating func perform() async throws {
        request.idempotencyKey = idempotencyKey
        let estimate = TokenEstimate.of(request)
        let priced = try await run.prices.price(of: request.model)
        let demand = Governor.Demand(
            model: request.model, inputTokens: estimate.tokens, outputTokens: request.maxTokens ?? 0,
            worstCase: worstCase(estimate, priced))
        let ticket: Governor.Ticket
        switch await run.governor.admit(demand) {
        case .granted(let granted): ticket = granted
        case .stopped: return try await giveBack()
        case .heldTooLong(let reason):
            run.halt.stop(.providers, timeoutSentence(reason), at: run.time.now)
            return try await giveBack()
        case .budgetReached:
            run.halt.stop(.budget, budgetSentence(demand.worstCase), at: run.time.now)
            return try await giveBack()
        }
        let opened: OpenAttempt
        do {
            opened = try await run.store.open(opening())
        } catch StoreError.leaseLost {
            return run.governor.free(ticket)
        } catch {
            run.governor.free(ticket)
            throw error
        }
        try await send(opened, ticket: ticket, estimate: estimate, priced: priced)
    }

    /// A token is at least a byte of text, so the bytes are a bound that no tokenizer can pass.
    private func worstCase(_ estimate: TokenEstimate, _ priced: StoredPrice?) -> Picodollars {
        guard run.settings.budget != nil, let priced else { return .zero }
        return priced.worstCase(
            inputTokens: estimate.tokens * TokenEstimate.bytesPerToken, outputTokensMax: request.maxTokens)
    }

    private func opening() -> AttemptOpening {
        AttemptOpening(
            lease: job.lease, batch: job.batch, role: plan.settings.role, model: request.model,
            requestHash: RequestDigest.of(request), idempotencyKey: idempotencyKey, session: job.session,
            system: request.system, messages: request.messages, title: "\(plan.batch.name) \(job.key)",
            sentAt: run.time.now)
    }

    private func giveBack() async throws {
        try await run.store.release([job.lease], dueAt: run.time.now)
    }

    private func timeoutSentence(_ reason: String) -> String {
        "\(request.model) would have to wait for \(reason), longer than the "
            + "\((run.settings.limitTimeout ?? .zero).milliseconds / 1000) s that a request may wait"
    }

    private func budgetSentence(_ worstCase: Picodollars) -> String {
        "the next request could cost \(worstCase) and would pass the budget of "
            + "\(run.settings.budget ?? .zero); \(run.governor.spent) are spent"
    }
}

extension Exchange {
    private func send(
        _ opened: OpenAttempt, ticket: Governor.Ticket, estimate: TokenEstimate,
        priced: StoredPrice?
    ) async throws {
        run.tally.sent(at: run.time.now)
        let begun = ContinuousClock.now
        let arrival = await exchange(begun: begun)
        run.tally.landed()
        let settlement = Settlement(
            lease: job.lease, attempt: opened.attempt, session: opened.session, batch: job.batch,
            role: plan.settings.role, model: request.model, at: run.time.now,
            latency: ContinuousClock.now - begun, firstToken: arrival.firstToken,
            outcome: outcome(of: arrival, ticket: ticket, estimate: estimate, priced: priced))
        try await settle(settlement)
    }

    /// What came of a request.
    private struct Arrival: Sendable {
        var result: Result<Completion, Failure>
        var firstToken: Duration?
        var partialText: String?
    }

    /// Sends the request, such that a stop can cut it, and collects what comes.
    private func exchange(begun: ContinuousClock.Instant) async -> Arrival {
        let collected = Mutex(Arrival(result: .failure(.cancelled(request.model))))
        let box = Shared(collected)
        let streams = run.settings.streams ?? plan.settings.streams
        await run.holdings.fly(job.lease.job) {
            do throws(Failure) {
                let completion: Completion
                if streams {
                    let heard = Shared(Mutex(CompletionAccumulator()))
                    completion = try await provider.stream(request) { event in
                        let text = heard.value.withLock { heard in
                            heard.add(event)
                            return heard.text
                        }
                        box.value.withLock { arrival in
                            if arrival.firstToken == nil { arrival.firstToken = ContinuousClock.now - begun }
                            arrival.partialText = text
                        }
                    }
                } else {
                    completion = try await provider.complete(request)
                }
                box.value.withLock { $0.result = .success(completion) }
            } catch {
                box.value.withLock { $0.result = .failure(error) }
            }
        }
        return box.value.withLock { $0 }
    }

    private func outcome(
        of arrival: Arrival, ticket: Governor.Ticket, estimate: TokenEstimate, priced: StoredPrice?
    ) -> Settlement.Outcome {
        switch arrival.result {
        case .success(let completion):
            let cost = completion.usage.flatMap { Self.cost(of: $0, priced) }
            run.governor.settle(
                ticket, usage: completion.usage, cost: cost ?? ticket.demand.worstCase)
            return .answered(completion, cost: cost, price: priced?.id)
        case .failure(let failure) where failure.kind == .cancelled:
            run.governor.failed(ticket, failure)
            return .interrupted(partialText: arrival.partialText)
        case .failure(let failure):
            let cost = failure.usage.flatMap { Self.cost(of: $0, priced) }
            let billed = failure.usage == nil ? Picodollars.zero : cost ?? ticket.demand.worstCase
            run.governor.failed(ticket, failure, cost: billed)
            let next = nextStep(after: failure)
            let record = FailedRequest(
                body: provider.wireBody(of: request) ?? "", estimatedTokens: estimate.tokens,
                estimateMethod: estimate.method, messagesCount: request.messages.count,
                responseBody: failure.responseBody, cost: cost, price: priced?.id)
            return .failed(failure, record: record, next: next)
        }
    }

    /// What the provider says that it charges, else what the price table says.
    private static func cost(of usage: Usage, _ priced: StoredPrice?) -> Picodollars? {
        usage.reportedCost ?? priced?.price.cost(of: usage)
    }

    private func nextStep(after failure: Failure) -> Settlement.NextStep {
        let fate = JobFate(
            retryPolicy: run.retryPolicy, chain: chain, attemptsMax: plan.settings.attemptsMax,
            fallbackWait: run.governor.fallbackWait(in: chain, after: candidate),
            spread: run.governor.spread(of: request.model.provider))
        var random = SystemRandomNumberGenerator()
        return fate.next(
            after: failure, attempts: job.attempts + 1, candidate: candidate, at: run.time.now,
            random: &random)
    }
}

extension Exchange {
    /// A full disk is waited out this many times, a second apart: an answer that was paid for is in our hands.
    private static let diskFullTriesMax = 10

    private func settle(_ settlement: Settlement) async throws {
        for remaining in (0...Self.diskFullTriesMax).reversed() {
            do {
                try await run.store.settle(settlement)
                return count(settlement.outcome)
            } catch StoreError.leaseLost {
                run.logger.warning(
                    "another worker had taken the job over; the answer is kept with its attempt",
                    metadata: ["job": "\(job.key)"])
                return
            } catch StoreError.diskFull where remaining > 0 {
                run.logger.error("the disk is full: holding an answer and trying again")
                try? await run.time.sleep(for: .seconds(1))
            }
        }
    }

    private func count(_ outcome: Settlement.Outcome) {
        if case .failed(let failure, let record, _) = outcome, let usage = failure.usage {
            run.tally.billed(usage, cost: record.cost, at: run.time.now)
        }
        switch outcome {
        case .answered(let completion, let cost, _):
            if request.model.provider == .simulator { run.tally.markSimulated() }
            run.tally.answered(completion.usage, cost: cost, at: run.time.now)
        case .failed(let failure, _, .fail):
            run.tally.failed(key: job.key, message: failure.description)
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
