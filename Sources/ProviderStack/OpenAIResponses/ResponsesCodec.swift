public import ParleyCore

/// Turns requests into the JSON of OpenAI's Responses dialect and its answers back.
///
/// Nothing is kept at the provider (`store: false`): the whole conversation goes along each time, and what the model
/// thought goes back sealed, see ``Message/continuation``.
public struct ResponsesCodec: Sendable, Hashable {
    public let context: CodecContext

    public init(context: CodecContext) { self.context = context }
}

extension ResponsesCodec: DialectCodec {
    public init(account: ProviderAccount) { self.init(context: CodecContext(account: account)) }

    public var path: String { "/responses" }

    /// The key as a Bearer token. The token of a ChatGPT subscription brings along what Codex's endpoint asks for besides:
    /// the account that the token itself names, the beta that the endpoint is in, and who is asking.
    public var headers: [(name: String, value: String)] {
        guard let key = context.key?.exposed else { return [] }
        var headers = [(name: "authorization", value: "Bearer \(key)")]
        if let account = ChatGPTToken.account(of: key) {
            headers.append(("chatgpt-account-id", account))
            headers.append(("openai-beta", "responses=experimental"))
            headers.append(("originator", Release.name))
        }
        return headers
    }

    public func completion(
        from bytes: UnsafeBufferPointer<UInt8>, for request: CompletionRequest
    ) throws(Failure) -> Completion {
        try context.completion(from: bytes, for: request) { document throws(Failure) in
            try answer(in: document, for: request)
        }
    }

    public func stream(for request: CompletionRequest) -> ServerSentStream<ResponsesStream> {
        ServerSentStream(ResponsesStream(codec: self, request: request))
    }
}
