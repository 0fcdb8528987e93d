import ConversationStore
import ParleyCore
import ProviderStack

extension ConversationRunner {
    /// What a turn is answered with.
    struct Asking: Sendable {
        var session: SessionRecord
        var chain: Chain
        var expectsMore = true
        /// The part of an answer that is gone on from.
        var beginning: String?
    }

    /// Answers an open turn and lets go of it, whatever happens.
    func answer(
        in turn: OpenTurn, _ asking: Asking, _ onEvent: @escaping Listener
    ) async throws -> Exchange {
        await onEvent(.stored(turn.session))
        var sum = ExchangeSum(session: asking.session)
        do {
            let exchange = try await rounds(in: turn, asking, &sum, onEvent)
            try await store.close(turn)
            return exchange
        } catch {
            try? await store.close(turn)
            // Stopped between two steps: what is stored is stored.
            guard error is CancellationError else { throw error }
            return sum.ended(.interrupted, openCalls: [])
        }
    }

    /// One answer after the other, for as long as the model asks for tools.
    private func rounds(
        in turn: OpenTurn, _ asking: Asking, _ exchange: inout ExchangeSum, _ onEvent: @escaping Listener
    ) async throws -> Exchange {
        var asking = asking
        var rounds = 0
        while true {
            let open = try await uncancelled { try await $0.openCalls(of: turn.session) }
            if !open.isEmpty {
                rounds += 1
                guard rounds <= settings.toolRoundsMax else {
                    await onEvent(
                        .notice(
                            "The model has asked for tools \(settings.toolRoundsMax) times; now it is your turn."
                        ))
                    return exchange.ended(.roundsUsedUp, openCalls: open)
                }
                let left = try await runCalls(
                    open, in: turn, offering: asking.session.settings.tools, onEvent)
                if Task.isCancelled { return exchange.ended(.interrupted, openCalls: left) }
                guard left.isEmpty else { return exchange.ended(.waitsForTools, openCalls: left) }
            }
            let outcome = try await answerOnce(in: turn, asking, &exchange, onEvent)
            asking.beginning = nil
            guard case .answered = outcome, !exchange.toolCalls.isEmpty else {
                return exchange.ended(outcome, openCalls: [])
            }
        }
    }

    /// One answer; one that does not follow its schema is asked for again, with what is wrong with it.
    private func answerOnce(
        in turn: OpenTurn, _ asking: Asking, _ exchange: inout ExchangeSum, _ onEvent: @escaping Listener
    ) async throws -> Exchange.Outcome {
        var request = try await request(in: turn, asking)
        let trial = AnswerTrial(schema: try asking.session.settings.schema.map { try JSONSchema($0) })
        var corrections = 0
        while true {
            let result = try await send(request, in: turn, asking, trial, &exchange, onEvent)
            switch result {
            case .success(let completion):
                guard let flaw = trial.flaw(of: completion) else {
                    exchange.take(completion, schema: trial.schema)
                    await onEvent(.answered(exchange.answer))
                    return .answered
                }
                guard flaw.cut == nil, corrections < settings.schemaRetriesMax else {
                    exchange.take(completion, schema: nil)
                    return .failed(.invalid(flaw, request.model))
                }
                corrections += 1
                await onEvent(.notice("Asked again: \(flaw.message)."))
                await onEvent(.beginsAnew)
                request.correct(completion.text, flaw)
            case .failure(let failure):
                exchange.takePart(
                    try await uncancelled { try await $0.messages(of: turn.session, last: 1) }.last)
                return failure.kind == .cancelled ? .interrupted : .failed(failure)
            }
        }
    }

    /// Reads from the store though the task may be cancelled, which would end the reading.
    func uncancelled<Value: Sendable>(
        _ read: @escaping @Sendable (Store) async throws -> Value
    ) async throws -> Value {
        try await Task { [store] in try await read(store) }.value
    }

    private func request(in turn: OpenTurn, _ asking: Asking) async throws -> CompletionRequest {
        let maker = RequestMaker(
            session: asking.session, storeIdentity: store.identity, tools: tools.definitions,
            expectsMore: asking.expectsMore)
        var request = maker.request(try await store.conversation(of: turn.session))
        if asking.beginning != nil { request.goOn(by: asking.chain.continuation) }
        // Hashing a long conversation takes a while, and hardly any has lost a request.
        if try await store.hasLostRequests(in: turn.session) {
            request.idempotencyKey = try await store.lostKey(
                of: turn.session, model: request.model, requestHash: RequestDigest.of(request))
        }
        return request
    }

    /// Sends a request through the policies; a provider that takes no beginning of its answer is asked for the rest in words.
    private func send(
        _ request: CompletionRequest, in turn: OpenTurn, _ asking: Asking, _ trial: AnswerTrial,
        _ exchange: inout ExchangeSum, _ onEvent: @escaping Listener
    ) async throws -> Result<Completion, Failure> {
        let result = try await sendOnce(request, in: turn, asking, trial, &exchange, onEvent)
        guard case .failure(let failure) = result, failure.kind == .rejected, asking.beginning != nil,
            case .prefill = asking.chain.continuation
        else { return result }
        var request = request
        request.goOn(by: .request)
        return try await sendOnce(request, in: turn, asking, trial, &exchange, onEvent)
    }

    private func sendOnce(
        _ request: CompletionRequest, in turn: OpenTurn, _ asking: Asking, _ trial: AnswerTrial,
        _ exchange: inout ExchangeSum, _ onEvent: @escaping Listener
    ) async throws -> Result<Completion, Failure> {
        let beginning = asking.beginning ?? ""
        let keeper = PartKeeper(store: store, turn: turn, beginning: beginning, time: time)
        let ledger = TurnLedger(
            store: store, turn: turn, role: asking.session.role, trial: trial, join: AnswerJoin(beginning),
            keeper: keeper, onEvent: onEvent)
        let provider = PolicyStack.compose(
            asking.chain.candidates, retry: settings.retry, limitTimeout: settings.limitTimeout, board: board,
            observer: ledger)
        if !beginning.isEmpty { await onEvent(.continuing(beginning)) }
        let result = await ask(provider, request, keeper, onEvent)
        exchange.add(ledger)
        if let fault = ledger.fault { throw fault }
        return result.map { completion in
            var completion = completion
            completion.text = AnswerJoin(beginning).whole(completion.text)
            return completion
        }
    }

    private func ask(
        _ provider: any Provider, _ request: CompletionRequest, _ keeper: PartKeeper,
        _ onEvent: @escaping Listener
    ) async -> Result<Completion, Failure> {
        let streams = settings.streams
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await keeper.beat() }
            defer { group.cancelAll() }
            do throws(Failure) {
                guard streams else {
                    let completion = try await provider.complete(request)
                    for event in completion.events { await onEvent(.arrived(event)) }
                    return .success(completion)
                }
                return .success(
                    try await provider.stream(request) { event in
                        await keeper.hear(event)
                        await onEvent(.arrived(event))
                    })
            } catch {
                return .failure(error)
            }
        }
    }
}

extension Failure {
    static func invalid(_ flaw: InvalidAnswer, _ model: ModelName) -> Failure {
        Failure(kind: .invalidAnswer, provider: model.provider, model: model.model, message: flaw.message)
    }
}
