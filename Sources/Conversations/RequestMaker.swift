import ConversationStore
import OrderedCollections
import ParleyCore
import ProviderStack

/// Makes the request with which a conversation goes on.
struct RequestMaker: Sendable {
    let session: SessionRecord
    let storeIdentity: String
    let tools: [ToolDefinition]
    let expectsMore: Bool

    func request(_ messages: [Message]) -> CompletionRequest {
        let settings = session.settings
        var request = CompletionRequest(
            model: session.model, system: session.system, messages: messages, tools: offered,
            maxTokens: settings.maxTokens, temperature: settings.temperature,
            responseFormat: settings.schema.map {
                .jsonSchema(name: "answer", schema: $0, strict: SchemaStrictness.allows($0))
            } ?? .text,
            options: settings.options)
        // The next request begins with all of this one; a question that stands alone shares only what came before it.
        request.sharedMessages = expectsMore ? messages.count : max(0, messages.count - 1)
        request.cache.keepsEnd = expectsMore
        if request.sharedMessages > 0 {
            request.cacheKey = "parley-\(storeIdentity)-session-\(session.id)"
        }
        return request
    }

    /// The tools that the session wants, of those that there are.
    private var offered: [ToolDefinition] {
        guard let names = session.settings.tools else { return tools }
        return tools.filter { names.contains($0.name) }
    }
}
