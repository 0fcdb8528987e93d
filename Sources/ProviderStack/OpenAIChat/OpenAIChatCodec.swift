public import ParleyCore

/// Turns requests into the OpenAI chat dialect's JSON and its answers back.
///
/// It holds what the dialect leaves to the provider.
public struct OpenAIChatCodec: Sendable, Hashable {
    /// The name under which a request says how long the answer may be.
    public enum LengthField: String, Sendable, Hashable {
        /// What everybody but those of ``LengthField/hosts`` understands.
        case maxTokens = "max_tokens"
        /// OpenAI's own since its reasoning models, which refuse the other.
        case maxCompletionTokens = "max_completion_tokens"

        /// Who wants ``maxCompletionTokens``: OpenAI, and MiniMax, which calls the other one deprecated. Mistral refuses it.
        static let hosts: Set<String> = ["api.openai.com", "api.minimax.io", "api.minimaxi.com"]
    }

    public let context: CodecContext
    public let lengthField: LengthField

    public init(context: CodecContext, lengthField: LengthField = .maxTokens) {
        self.context = context
        self.lengthField = lengthField
    }
}

extension OpenAIChatCodec: DialectCodec {
    /// Another server may stand behind an address of the user's own: it is not told what only the catalogue's understands,
    /// such as `prompt_cache_key`, which many refuse; unless the model is one of OpenAI's, which only a way to OpenAI serves.
    public init(account: ProviderAccount) {
        var quirks = account.entry.quirks
        let home = try? BaseURL(account.entry.baseURL)
        if account.baseURL.host != home?.host, quirks.cacheHint == .key {
            quirks.cacheHintNeedsOwnModel = true
        }
        if account.baseURL.path != home?.path { quirks.strictPath = nil }
        self.init(
            context: CodecContext(provider: account.name, quirks: quirks, key: account.key),
            lengthField: LengthField.hosts.contains(account.baseURL.host) ? .maxCompletionTokens : .maxTokens)
    }

    public var path: String { "/chat/completions" }

    /// Strict tools go to the provider's own place for them, where it has one.
    public func path(for request: CompletionRequest) -> String {
        guard let strictPath = context.quirks.strictPath, request.tools.contains(where: \.isStrict) else {
            return path
        }
        return strictPath + path
    }

    public var headers: [(name: String, value: String)] {
        context.key.map { [("authorization", "Bearer \($0.exposed)")] } ?? []
    }

    public func headers(for request: CompletionRequest) -> [(name: String, value: String)] {
        guard let name = context.quirks.stickyHeader, PromptCacheKey.isOfUse(to: request) else { return [] }
        return [(name, PromptCacheKey.of(request))]
    }

    public func stream(for request: CompletionRequest) -> ServerSentStream<OpenAIChatStream> {
        ServerSentStream(OpenAIChatStream(codec: self, request: request))
    }
}
