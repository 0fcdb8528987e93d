import ConversationStore
import ParleyCore
import ProviderStack

extension ConversationRunner {
    /// Whom a conversation can be answered by, in order.
    struct Chain: Sendable {
        var candidates: [PolicyStack.Candidate]
        /// Of the first one.
        var continuation: AnswerContinuation
    }

    func chain(for question: Question, _ record: SessionRecord?) async throws -> Chain {
        switch question.place {
        case .new(let draft): try await chain(draft.model, draft.settings)
        case .existing:
            try await chain(
                record?.model ?? ModelName(provider: "unknown", model: ""),
                record?.settings ?? SessionSettings())
        }
    }

    func chain(_ session: SessionRecord) async throws -> Chain {
        try await chain(session.model, session.settings)
    }

    /// The models that can be asked; why the first cannot, if none can.
    private func chain(_ model: ModelName, _ settings: SessionSettings) async throws -> Chain {
        var models = [model]
        for other in settings.fallbacks + [self.settings.lastResort].compactMap({ $0 })
        where !models.contains(other) {
            models.append(other)
        }
        var candidates: [PolicyStack.Candidate] = []
        var reason: (any Error)?
        for model in models {
            do {
                let client = try providers.provider(for: model)
                let limit = try await store.price(for: model, at: time.now)?.price.contextTokensMax
                candidates.append(
                    PolicyStack.Candidate(
                        model: model, account: providers.account(of: model.provider), client: client,
                        around: { FittedContext($0, limit: { _ in limit }) }))
            } catch {
                reason = reason ?? error
            }
        }
        guard let first = candidates.first else { throw reason ?? CancellationError() }
        return Chain(
            candidates: candidates,
            continuation: providers.continuation(of: first.model, options: settings.options))
    }
}
