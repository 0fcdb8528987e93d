public import ParleyCore

/// What all dialects share when they read answers: who was asked, where it departs from its dialect, and how its words are
/// kept without the key and the prompt.
public struct CodecContext: Sendable, Hashable {
    public let provider: ProviderName
    public let quirks: ProviderEntry.Quirks
    /// Taken out of whatever the provider echoes.
    let key: Secret?

    public init(provider: ProviderName, quirks: ProviderEntry.Quirks = .init(), key: Secret? = nil) {
        self.provider = provider
        self.quirks = quirks
        self.key = key
    }

    public init(account: ProviderAccount) {
        self.init(provider: account.name, quirks: account.entry.quirks, key: account.key)
    }

    /// No count of one answer is believed to be larger, so that no sum and no cost can overflow.
    static let tokensMax = 1_000_000_000

    /// A count of tokens as it can be believed: 0 for what is missing, negative or no number.
    static func count(_ value: JSON?) -> Int { min(max(0, value?.intValue ?? 0), tokensMax) }
}

/// What was read of an answer, before it is judged.
struct ReadAnswer: Sendable, Hashable {
    var text = ""
    var reasoning: String?
    var refusal: String?
    var toolCalls: [ToolCall] = []
    var finishReason = FinishReason.stop
    var model: String?
    var requestID: String?
    var usage: Usage?
    /// See ``Completion/continuation``.
    var continuation: JSON?

    var partialText: String? { text.isEmpty ? nil : text }
}
