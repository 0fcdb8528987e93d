public import ParleyCore

/// Turns requests into the OpenAI chat dialect's JSON and its answers back.
///
/// It holds what the dialect leaves to the provider. Plain functions over bytes: no connection, clock or state, so that
/// every departure of a provider is a fixture and a line of test.
public struct OpenAIChatCodec: Sendable, Hashable {
    /// The name under which a request says how long the answer may be.
    public enum LengthField: String, Sendable, Hashable {
        /// What everybody but OpenAI understands.
        case maxTokens = "max_tokens"
        /// OpenAI's own since its reasoning models, which refuse the other.
        case maxCompletionTokens = "max_completion_tokens"
    }

    public let provider: ProviderName
    public let quirks: ProviderEntry.Quirks
    public let lengthField: LengthField
    /// Taken out of whatever the provider echoes.
    let key: Secret?

    public init(
        provider: ProviderName, quirks: ProviderEntry.Quirks = .init(), lengthField: LengthField = .maxTokens,
        key: Secret? = nil
    ) {
        self.provider = provider
        self.quirks = quirks
        self.lengthField = lengthField
        self.key = key
    }

    public init(account: ProviderAccount) {
        self.init(
            provider: account.name, quirks: account.entry.quirks,
            lengthField: account.baseURL.host == "api.openai.com" ? .maxCompletionTokens : .maxTokens,
            key: account.key)
    }
}
