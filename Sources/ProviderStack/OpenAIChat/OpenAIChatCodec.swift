public import ParleyCore

/// Turns requests into the OpenAI chat dialect's JSON and its answers back.
///
/// It holds what the dialect leaves to the provider.
public struct OpenAIChatCodec: Sendable, Hashable {
    /// The name under which a request says how long the answer may be.
    public enum LengthField: String, Sendable, Hashable {
        /// What everybody but OpenAI understands.
        case maxTokens = "max_tokens"
        /// OpenAI's own since its reasoning models, which refuse the other.
        case maxCompletionTokens = "max_completion_tokens"
    }

    public let context: CodecContext
    public let lengthField: LengthField

    public init(context: CodecContext, lengthField: LengthField = .maxTokens) {
        self.context = context
        self.lengthField = lengthField
    }
}

extension OpenAIChatCodec: DialectCodec {
    public init(account: ProviderAccount) {
        self.init(
            context: CodecContext(account: account),
            lengthField: account.baseURL.host == "api.openai.com" ? .maxCompletionTokens : .maxTokens)
    }

    public var path: String { "/chat/completions" }

    public var headers: [(name: String, value: String)] {
        context.key.map { [("authorization", "Bearer \($0.exposed)")] } ?? []
    }

    public func stream(for request: CompletionRequest) -> ServerSentStream<OpenAIChatStream> {
        ServerSentStream(OpenAIChatStream(codec: self, request: request))
    }
}
