/// What a model answered, whole.
public struct Completion: Sendable, Hashable {
    public var text: String
    /// Kept apart from the text.
    public var reasoning: String?
    public var toolCalls: [ToolCall]
    public var finishReason: FinishReason
    /// The model that really answered, in the provider's words.
    public var model: String
    /// Nil where the provider told none.
    public var usage: Usage?
    /// The provider's own id of the exchange.
    public var requestID: String?
    /// What the provider wants back as it came when the conversation goes on, and nobody else reads: Anthropic's signed
    /// thinking, the reasoning items of Responses. An object with the member `dialect`; other dialects pass it over.
    public var continuation: JSON?

    public init(
        text: String, reasoning: String? = nil, toolCalls: [ToolCall] = [],
        finishReason: FinishReason = .stop,
        model: String, usage: Usage? = nil, requestID: String? = nil, continuation: JSON? = nil
    ) {
        self.text = text
        self.reasoning = reasoning
        self.toolCalls = toolCalls
        self.finishReason = finishReason
        self.model = model
        self.usage = usage
        self.requestID = requestID
        self.continuation = continuation
    }
}

extension Completion {
    /// The turn that goes into the conversation before it is asked on.
    public var message: Message {
        Message(
            role: .assistant, content: text, reasoning: reasoning, toolCalls: toolCalls,
            continuation: continuation)
    }
}

/// Why the model stopped, in one vocabulary for all providers.
public enum FinishReason: Sendable, Hashable {
    case stop, length, toolCalls, contentFilter
    /// A word that is none of the above, as the provider wrote it.
    case other(String)

    public init(_ word: String) {
        self =
            switch word {
            case "stop": .stop
            case "length": .length
            case "tool_calls": .toolCalls
            case "content_filter": .contentFilter
            default: .other(word)
            }
    }

    public var word: String {
        switch self {
        case .stop: "stop"
        case .length: "length"
        case .toolCalls: "tool_calls"
        case .contentFilter: "content_filter"
        case .other(let word): word
        }
    }

    /// Whether an answer that ended so is the whole answer, which an identical request may be given as well.
    public var isShareable: Bool { self == .stop || self == .toolCalls }
}
