import ParleyCore
import ProviderStack

/// Asks `openai/gpt-5.4-mini` and its like, with the keys of the environment; nothing is stored.
func complete(_ prompt: String, model: ModelName, environment: [String: String]) async throws -> String {
    try await CatalogueProviders.with(environment: environment) { providers in
        let provider = try providers.provider(for: model)
        let request = CompletionRequest(model: model, messages: [.user(prompt)])
        return try await provider.complete(request).text
    }
}
