import ConversationStore
import Conversations
import ParleyCore
import ProviderSimulator
import ProviderStack

/// One exchange, in a conversation of its own.
func answer(to question: String, in store: Store) async throws -> String? {
    try await CatalogueProviders.with(own: [.simulator: { SimulatedProvider() }]) { providers in
        let runner = ConversationRunner(store: store, providers: providers)
        let model = ModelName(provider: .simulator, model: "sim-small")
        let exchange = try await runner.ask(Question(question, in: .new(SessionDraft(model: model))))
        await runner.close()
        return exchange.answer.answer
    }
}
