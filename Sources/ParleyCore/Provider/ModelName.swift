/// A provider's name: a key of the catalogue or of the user's config, such as `openai`.
public struct ProviderName: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let text: String

    public init(_ text: String) { self.text = text }
    public init(stringLiteral value: String) { text = value }

    public var description: String { text }
}

/// A model at a provider, written `provider/model`.
///
/// Only the first slash divides: `openrouter/meta-llama/llama-3.1-8b` is the model `meta-llama/llama-3.1-8b` at
/// OpenRouter.
public struct ModelName: Sendable, Hashable, CustomStringConvertible {
    public let provider: ProviderName
    public let model: String

    public init(provider: ProviderName, model: String) {
        self.provider = provider
        self.model = model
    }

    /// Nil unless something stands on both sides of a slash.
    public init?(_ text: String) {
        guard let slash = text.firstIndex(of: "/"), slash != text.startIndex,
            text.index(after: slash) != text.endIndex
        else { return nil }
        provider = ProviderName(String(text[..<slash]))
        model = String(text[text.index(after: slash)...])
    }

    public var description: String { "\(provider.text)/\(model)" }
}
