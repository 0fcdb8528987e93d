public import ParleyCore

/// Asks a provider that speaks the OpenAI chat dialect.
public typealias OpenAIChatClient = WireClient<OpenAIChatCodec>

extension ProviderAccount {
    /// The client for the account's dialect: the one place that knows which codec belongs to which.
    public func client(
        http: HTTPTransport, limits: TimeLimits? = nil, time: TimeSource = .system,
        onRateLimits: (@Sendable (ModelName, RateLimitReading) -> Void)? = nil
    ) throws(ConfigurationError) -> any Provider {
        func client<Codec: DialectCodec>(_: Codec.Type) -> any Provider {
            WireClient<Codec>(
                account: self, http: http, limits: limits, time: time, onRateLimits: onRateLimits)
        }
        switch entry.dialect {
        case .openAIChat: return client(OpenAIChatCodec.self)
        case .openAIResponses, .anthropic, .ollama: throw .dialectUnavailable(name, entry.dialect)
        }
    }
}
