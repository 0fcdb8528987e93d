public import ParleyCore

/// About how many tokens a request will take, told before it is sent, and how that was found.
public struct TokenEstimate: Sendable, Hashable {
    /// Four bytes of UTF-8 a token: near the truth for English, high for other scripts, never far too low.
    public static let bytesPerToken = 4
    /// What a turn costs beside its text.
    public static let tokensPerMessage = 4

    public var tokens: Int
    /// The name of the method, as stored with a failure: `chars/4`.
    public var method: String

    public init(tokens: Int, method: String) {
        self.tokens = tokens
        self.method = method
    }

    /// The input tokens of a request: its system prompt, messages, tools and schema.
    public static func of(_ request: CompletionRequest) -> TokenEstimate {
        var bytes = request.system?.utf8.count ?? 0
        var turns = request.system == nil ? 0 : 1
        for message in request.messages {
            turns += 1
            bytes += message.content.utf8.count
            for call in message.toolCalls {
                bytes += call.name.utf8.count + call.arguments.rawText.utf8.count
            }
        }
        for tool in request.tools {
            bytes += tool.name.utf8.count + tool.summary.utf8.count + tool.parameters.bytes().count
        }
        if case .jsonSchema(_, let schema, _) = request.responseFormat { bytes += schema.bytes().count }
        return TokenEstimate(
            tokens: tokens(bytes: bytes) + turns * tokensPerMessage, method: "chars/\(bytesPerToken)")
    }

    /// The tokens of a text.
    public static func of(_ text: String) -> TokenEstimate {
        TokenEstimate(tokens: tokens(bytes: text.utf8.count), method: "chars/\(bytesPerToken)")
    }

    static func tokens(bytes: Int) -> Int { (bytes + bytesPerToken - 1) / bytesPerToken }
}
