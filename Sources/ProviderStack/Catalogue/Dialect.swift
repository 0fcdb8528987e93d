/// The wire language that a provider speaks.
public enum Dialect: String, Sendable, Hashable, CaseIterable {
    case openAIChat = "openai-chat"
    case openAIResponses = "openai-responses"
    case anthropic
    case ollama
}
