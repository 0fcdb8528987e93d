/// The wire language that a provider speaks.
///
/// The catalogue knows all of them; ``OpenAIChatClient`` is the only client so far, and asking for another is a
/// ``ConfigurationError/dialectUnavailable(_:_:)``.
public enum Dialect: String, Sendable, Hashable, CaseIterable {
    case openAIChat = "openai-chat"
    case openAIResponses = "openai-responses"
    case anthropic
    case ollama
}
