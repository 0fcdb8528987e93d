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
    /// The client for the account's dialect, with tools in words where the provider's models have none of their own.
    ///
    /// `toolSupport` remembers which models those are; clients that share it ask each model in vain only once.
    public func client(
        http: HTTPTransport, limits: TimeLimits? = nil, time: TimeSource = .system,
        toolSupport: ToolSupportMemory = ToolSupportMemory(),
        onRateLimits: (@Sendable (ModelName, RateLimitReading) -> Void)? = nil
    ) -> any Provider {
        func client<Codec: DialectCodec>(_: Codec.Type) -> any Provider {
            WireClient<Codec>(
                account: self, http: http, limits: limits, time: time, onRateLimits: onRateLimits)
        }
        return EmulatedTools.wrapping(
            client(entry.dialect.codec), emulation: entry.quirks.toolEmulation, memory: toolSupport)
    }
}
