public import ParleyCore

/// Turns requests into the JSON of Anthropic's Messages dialect and its answers back.
///
/// Written after Anthropic's documentation and the types of its Python SDK, as of August 2026.
public struct AnthropicCodec: Sendable, Hashable {
    /// The length of an answer where the request names none, because the dialect insists on one: what every
    /// present Claude allows (Haiku 3.5 no more). A budget for thinking that the request's options give comes
    /// on top.
    public static let maxTokensDefault = 8192

    /// The version of the dialect; there has been no later one.
    static let version = "2023-06-01"
    /// How the key of somebody's subscription begins, in place of an API key.
    static let oauthPrefix = "sk-ant-oat"
    /// What a request with such a key must say in `anthropic-beta`.
    static let oauthBeta = "oauth-2025-04-20"

    public let context: CodecContext

    public init(context: CodecContext) { self.context = context }
}

extension AnthropicCodec: DialectCodec {
    public init(account: ProviderAccount) { self.init(context: CodecContext(account: account)) }

    public var path: String { "/v1/messages" }

    /// The key goes into one header only: Anthropic refuses an OAuth token that stands in `x-api-key`.
    public var headers: [(name: String, value: String)] {
        let version = (name: "anthropic-version", value: Self.version)
        guard let key = context.key?.exposed else { return [version] }
        guard key.hasPrefix(Self.oauthPrefix) else { return [version, ("x-api-key", key)] }
        return [version, ("authorization", "Bearer \(key)"), ("anthropic-beta", Self.oauthBeta)]
    }

    public func stream(for request: CompletionRequest) -> ServerSentStream<AnthropicStream> {
        ServerSentStream(AnthropicStream(codec: self, request: request))
    }
}
