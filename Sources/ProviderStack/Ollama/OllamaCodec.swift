public import ParleyCore

/// Turns requests into the JSON of Ollama's `/api/chat` and its answers back.
///
/// Ollama's own dialect instead of its OpenAI endpoint, because only here a request can set the context's size
/// (`options.num_ctx`) and how long the model stays loaded (`keep_alive`).
public struct OllamaCodec: Sendable, Hashable {
    public let context: CodecContext

    public init(context: CodecContext) { self.context = context }
}

extension OllamaCodec: DialectCodec {
    public init(account: ProviderAccount) { self.init(context: CodecContext(account: account)) }

    public var path: String { "/api/chat" }

    /// A server of one's own takes no key; ollama.com does.
    public var headers: [(name: String, value: String)] {
        context.key.map { [("authorization", "Bearer \($0.exposed)")] } ?? []
    }

    /// A stream comes as newline-delimited JSON, not as server-sent events.
    public func headers(for request: CompletionRequest) -> [(name: String, value: String)] {
        [("accept", "application/x-ndjson, application/json")]
    }

    public func stream(for request: CompletionRequest) -> OllamaStream {
        OllamaStream(codec: self, request: request)
    }
}
