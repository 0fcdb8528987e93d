import ConversationStore
import ParleyCore
import ProviderStack
import Synchronization

/// Writes each request of a turn down before it is sent, and how it ended.
///
/// One for each answer: it knows by what the answer is judged and what it goes on from. What it could not write down it keeps as
/// its ``fault``; nothing more is sent then.
final class TurnLedger: AttemptObserver {
    private struct State: Sendable {
        var attempt: AttemptID?
        var fault: (any Error)?
        var requests = 0
        var bill = Bill()
        var answeredBy: ModelName?
        /// Looked up before the request is sent: nothing can be read once the task is cancelled.
        var price: StoredPrice?
    }

    let keeper: PartKeeper
    private let store: Store
    private let turn: OpenTurn
    private let role: String
    private let trial: AnswerTrial
    private let join: AnswerJoin
    private let onEvent: @Sendable (ConversationEvent) async -> Void
    private let state = Mutex(State())

    init(
        store: Store, turn: OpenTurn, role: String, trial: AnswerTrial, join: AnswerJoin, keeper: PartKeeper,
        onEvent: @escaping @Sendable (ConversationEvent) async -> Void
    ) {
        self.store = store
        self.turn = turn
        self.role = role
        self.trial = trial
        self.join = join
        self.keeper = keeper
        self.onEvent = onEvent
    }

    /// Why something could not be written down.
    var fault: (any Error)? { state.withLock { $0.fault } }
    /// How many requests were sent.
    var requests: Int { state.withLock { $0.requests } }
    /// What the requests took so far.
    var bill: Bill { state.withLock { $0.bill } }

    /// Who gave the last whole answer.
    var answeredBy: ModelName? { state.withLock { $0.answeredBy } }

    func willSend(_ attempt: SentAttempt) async throws(Failure) {
        let request = attempt.request
        do {
            let price = try await store.price(for: request.model, at: attempt.sentAt)
            let id = try await store.open(
                TurnRequest(
                    role: role, model: request.model, requestHash: RequestDigest.of(request),
                    idempotencyKey: request.idempotencyKey ?? "", sentAt: attempt.sentAt), in: turn)
            state.withLock { state in
                state.attempt = id
                state.price = price
                state.requests += 1
            }
            keeper.begin(id)
        } catch {
            state.withLock { $0.fault = error }
            throw Failure(
                kind: .cancelled, provider: request.model.provider, model: request.model.model,
                message: "not sent, because it could not be written down: \(error)")
        }
    }

    func ended(_ attempt: SentAttempt, with outcome: AttemptOutcome) async {
        let (id, price) = state.withLock { ($0.attempt, $0.price) }
        guard let id else { return }
        let model = attempt.request.model
        do {
            let settled = settled(outcome, attempt, price)
            state.withLock { state in
                state.bill.add(settled)
                if case .answered = settled { state.answeredBy = model }
            }
            try await store.settle(
                TurnSettlement(
                    attempt: id, role: role, model: model, at: attempt.sentAt + outcome.latency,
                    latency: outcome.latency, firstToken: outcome.firstEvent, outcome: settled), in: turn)
        } catch {
            state.withLock { $0.fault = error }
        }
    }

    private func settled(
        _ outcome: AttemptOutcome, _ attempt: SentAttempt, _ price: StoredPrice?
    ) -> TurnSettlement.Outcome {
        switch outcome.result {
        case .success(var completion):
            completion.text = join.whole(completion.text)
            if let flaw = trial.flaw(of: completion) {
                let failure = Failure(
                    kind: .invalidAnswer, provider: attempt.request.model.provider,
                    model: attempt.request.model.model,
                    code: flaw.cut == nil ? nil : completion.finishReason.word, message: flaw.message,
                    usage: completion.usage)
                return failed(
                    failure, outcome, attempt, price,
                    part: AnswerPart(text: completion.text, reasoning: completion.reasoning ?? ""))
            }
            return .answered(
                completion, cost: completion.usage.flatMap { Self.cost(of: $0, price) }, price: price?.id)
        case .failure(let failure) where failure.kind == .cancelled:
            return .interrupted(part: keeper.part)
        case .failure(let failure):
            return failed(failure, outcome, attempt, price, part: keeper.part)
        }
    }

    private func failed(
        _ failure: Failure, _ outcome: AttemptOutcome, _ attempt: SentAttempt, _ price: StoredPrice?,
        part: AnswerPart
    ) -> TurnSettlement.Outcome {
        let record = FailedRequest(
            body: outcome.wireBody ?? "", estimatedTokens: attempt.estimate.tokens,
            estimateMethod: attempt.estimate.method, messagesCount: attempt.request.messages.count,
            responseBody: failure.responseBody, cost: failure.usage.flatMap { Self.cost(of: $0, price) },
            price: price?.id)
        return .failed(failure, record: record, part: part)
    }

    /// Nil where the model has no price; what the provider itself bills goes before the table.
    private static func cost(of usage: Usage, _ price: StoredPrice?) -> Picodollars? {
        usage.reportedCost ?? price?.price.cost(of: usage)
    }

    func waiting(_ wait: PolicyWait) async { await onEvent(.waits(wait)) }

    func fallingBack(from model: ModelName, to next: ModelName, because failure: Failure) async {
        await onEvent(.fallsBack(from: model, to: next, because: failure))
    }
}
