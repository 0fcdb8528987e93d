public import ParleyCore

public typealias OpenAIChatClient = WireClient<OpenAIChatCodec>
public typealias ResponsesClient = WireClient<ResponsesCodec>
public typealias AnthropicClient = WireClient<AnthropicCodec>
public typealias OllamaClient = WireClient<OllamaCodec>

extension Dialect {
    /// The one place that knows which codec speaks which dialect.
    public var codec: any DialectCodec.Type {
        switch self {
        case .openAIChat: OpenAIChatCodec.self
        case .openAIResponses: ResponsesCodec.self
        case .anthropic: AnthropicCodec.self
        case .ollama: OllamaCodec.self
        }
    }
}

extension ProviderAccount {
    /// The client for the account's dialect.
    public func client(
        http: HTTPTransport, limits: TimeLimits? = nil, time: TimeSource = .system,
        onRateLimits: (@Sendable (ModelName, RateLimitReading) -> Void)? = nil
    ) -> any Provider {
        func client<Codec: DialectCodec>(_: Codec.Type) -> any Provider {
            WireClient<Codec>(
                account: self, http: http, limits: limits, time: time, onRateLimits: onRateLimits)
        }
        return client(entry.dialect.codec)
    }
}
