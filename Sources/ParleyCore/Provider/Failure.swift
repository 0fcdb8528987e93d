/// Why a provider gave no usable reply.
///
/// One value does three jobs: a ``Provider`` throws it, the policies weigh it, and the store keeps it in
/// `failed_requests`. A report therefore shows what the policies saw.
public struct Failure: Error, Sendable, Hashable {
    /// The most characters of a provider's words that are kept.
    public static let messageLengthMax = 500
    /// The most bytes of an answer's body that are kept.
    public static let bodyBytesMax = 16_384

    public var kind: Kind
    public var provider: ProviderName
    public var model: String?
    /// The HTTP status, where there was an answer.
    public var status: Int?
    /// The provider's own code, such as `insufficient_quota`.
    public var code: String?
    /// The provider's own words, cut to ``messageLengthMax`` characters; never the prompt, never a key.
    public var message: String
    /// How long the provider asks to be left alone.
    public var retryAfter: Duration?
    /// What had arrived when a stream broke.
    public var partialText: String?
    /// What the provider counted although the answer is of no use: it is paid for all the same.
    public var usage: Usage?
    /// Certain that the provider never had the request: no connection came about.
    public var isUnsent = false
    /// The answer's body as it came, without a key, cut to ``bodyBytesMax`` bytes; for the failure's record.
    public var responseBody: String?

    public init(
        kind: Kind, provider: ProviderName, model: String? = nil, status: Int? = nil, code: String? = nil,
        message: String, retryAfter: Duration? = nil, partialText: String? = nil, usage: Usage? = nil,
        responseBody: String? = nil
    ) {
        self.kind = kind
        self.provider = provider
        self.model = model
        self.status = status
        self.code = code
        self.message = String(message.prefix(Self.messageLengthMax))
        self.retryAfter = retryAfter
        self.partialText = partialText
        self.usage = usage
        self.responseBody = responseBody
    }

    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// 429: too many requests or tokens just now.
        case rateLimited
        /// 402, or 429 with a code that says that the account has no money or allowance left.
        case quotaExhausted
        /// 5xx, or Anthropic's 529.
        case overloaded
        /// No connection: refused, reset before an answer, no such host, TLS.
        case unreachable
        /// 408, or one of our own time limits.
        case timedOut
        /// An answer that is not of the dialect.
        case malformedReply
        /// 200, but neither text nor a tool call.
        case emptyReply
        /// A whole answer that does not follow the JSON Schema that it was asked for; see ``InvalidAnswer``.
        case invalidAnswer
        /// The connection ended in the middle of an answer.
        case streamBroken
        /// Not sent: the breaker rests.
        case circuitOpen
        /// 401 or 403.
        case unauthorized
        /// The conversation is longer than the model takes.
        case contextTooLong
        /// The provider's filter stopped the prompt or the answer.
        case contentRefused
        /// Any other 4xx: asking again would not help.
        case rejected
        case cancelled
        /// Not sent: the budget does not allow it.
        case budgetReached
    }

    /// What to do next.
    public enum Advice: Sendable, Hashable {
        /// Ask the same provider again, later.
        case retry
        /// This provider will not do: ask the next one.
        case fallBack
        /// Nobody will do better.
        case giveUp
    }
}

extension Failure.Kind {
    /// What to do after such a failure: the only table that decides it.
    public var advice: Failure.Advice {
        switch self {
        case .rateLimited, .overloaded, .unreachable, .timedOut, .malformedReply, .emptyReply, .invalidAnswer,
            .streamBroken:
            .retry
        case .quotaExhausted, .circuitOpen, .unauthorized, .contextTooLong: .fallBack
        case .contentRefused, .rejected, .cancelled, .budgetReached: .giveUp
        }
    }

    /// Whether it says something of the provider as a whole, so that other requests would fare no better.
    public var concernsProvider: Bool {
        switch self {
        case .quotaExhausted, .unauthorized: true
        default: false
        }
    }

    /// The kind for an HTTP status that no code in the body explains further.
    public init(status: Int) {
        self =
            switch status {
            case 401, 403: .unauthorized
            case 402: .quotaExhausted
            case 408: .timedOut
            case 409: .overloaded
            case 413: .contextTooLong
            case 429: .rateLimited
            case 500...599: .overloaded
            default: .rejected
            }
    }
}

extension Failure: CustomStringConvertible {
    public var description: String {
        let origin = model.map { "\(provider)/\($0)" } ?? provider.text
        let answer = status.map { " (HTTP \($0))" } ?? ""
        return "\(origin): \(message)\(answer)"
    }
}
