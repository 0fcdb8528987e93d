public import ParleyCore

/// Tells how many tokens a text takes, exactly or about.
public protocol TokenCounter: Sendable {
    /// The name of the method, as it is reported and stored: `chars/4`, or a tokenizer's name.
    var method: String { get }

    func tokens(in text: String) -> Int
}

/// The rule of thumb of ``TokenEstimate``: four bytes a token, rounded up.
public struct RoughTokenCounter: TokenCounter {
    public init() {}

    public var method: String { TokenEstimate.of("").method }

    public func tokens(in text: String) -> Int { TokenEstimate.of(text).tokens }
}

extension TokenCounter {
    /// A turn with its calls, and what it costs beside its text.
    public func tokens(in message: Message) -> Int {
        message.toolCalls.reduce(TokenEstimate.tokensPerMessage + tokens(in: message.content)) { sum, call in
            sum + tokens(in: call.name) + tokens(in: call.arguments.rawText)
        }
    }

    /// What a request takes beside its messages: the system prompt, the tools, the schema of the answer.
    func tokensBesideMessages(of request: CompletionRequest) -> Int {
        var sum = request.system.map { TokenEstimate.tokensPerMessage + tokens(in: $0) } ?? 0
        for tool in request.tools {
            sum += tokens(in: tool.name) + tokens(in: tool.summary) + tokens(in: tool.parameters.text())
        }
        if case .jsonSchema(_, let schema, _) = request.responseFormat { sum += tokens(in: schema.text()) }
        return sum
    }
}

extension TokenEstimate {
    /// The input tokens of a request by a counter of the caller's.
    public static func of(_ request: CompletionRequest, by counter: some TokenCounter) -> TokenEstimate {
        let messages = request.messages.reduce(0) { $0 + counter.tokens(in: $1) }
        return TokenEstimate(
            tokens: messages + counter.tokensBesideMessages(of: request), method: counter.method)
    }
}
