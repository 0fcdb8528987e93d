import OrderedCollections
import ParleyCore

@testable import ConversationStore

extension TestStore {
    /// A chat of one question and its answer, or with the turn left open after a part of the answer.
    @discardableResult
    func chat(
        _ question: String, _ answer: String = "Forty-two.", in session: SessionID? = nil,
        system: String? = nil,
        reasoning: String? = nil, cost: Picodollars? = Picodollars(7), by worker: Worker? = nil
    ) async throws -> SessionID {
        let turn = try await ask(question, in: session, system: system, by: worker)
        let attempt = try await send(turn)
        var completion = Completion.fixture(answer)
        completion.reasoning = reasoning
        try await settle(attempt, .answered(completion, cost: cost, price: nil), in: turn)
        try await store.close(turn)
        return turn.session
    }

    func ask(
        _ question: String, in session: SessionID? = nil, system: String? = nil, by worker: Worker? = nil
    ) async throws -> OpenTurn {
        let someone = if let worker { worker } else { try await self.worker() }
        return try await store.begin(
            TurnDraft(
                session.map { .existing($0) } ?? .new(SessionDraft(model: .fixture, system: system)),
                messages: [.user(question)]), by: someone)
    }

    func send(_ turn: OpenTurn) async throws -> AttemptID {
        try await store.open(
            TurnRequest(
                role: "default", model: .fixture, requestHash: [1], idempotencyKey: "k",
                sentAt: clock.time.now), in: turn)
    }

    func settle(_ attempt: AttemptID, _ outcome: TurnSettlement.Outcome, in turn: OpenTurn) async throws {
        try await store.settle(
            TurnSettlement(
                attempt: attempt, role: "default", model: .fixture, at: clock.time.now,
                latency: .milliseconds(5), outcome: outcome), in: turn)
    }

    /// A batch whose jobs are all answered with that.
    func answered(_ keys: [String], _ answer: String, batch: String = "batch") async throws {
        try await enqueue(keys, batch: batch)
        for job in try await lease(keys.count) {
            try await store.settle(try await send(job).settled(.answer(.fixture(answer))))
        }
    }

    func search(_ text: String, _ change: (inout SearchQuery) -> Void = { _ in }) async throws -> SearchPage {
        var query = SearchQuery(try SearchExpression(text))
        change(&query)
        return try await store.search(query)
    }

    /// Where it was found: `session.position`, the best first.
    func places(_ text: String, _ change: (inout SearchQuery) -> Void = { _ in }) async throws -> [String] {
        try await search(text, change).hits.map { "\($0.session).\($0.position)" }
    }

    /// The worst that `check` has to say, the index compared word for word.
    func fullDamage() async throws -> [String] {
        try await store.check(full: true).filter { $0.severity == .damage }.map(\.law)
    }
}
