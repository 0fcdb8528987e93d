/// One step of an answer while it arrives.
public enum CompletionEvent: Sendable, Hashable {
    case text(String)
    case reasoning(String)
    case toolCallStarted(id: String, name: String)
    /// A piece of a call's arguments, as raw text.
    case toolArguments(id: String, fragment: String)
    case toolCallCompleted(ToolCall)
    case usage(Usage)
    case finished(FinishReason)
    /// Something in the stream was wrong, but the stream goes on: a malformed line, say.
    case warning(String)
}

/// Puts the events of a stream together: at any moment, what has arrived so far.
public struct CompletionAccumulator: Sendable {
    public private(set) var text = ""
    public private(set) var reasoning = ""
    public private(set) var toolCalls: [ToolCall] = []
    public private(set) var usage: Usage?
    public private(set) var finishReason: FinishReason?

    public init() {}

    public mutating func add(_ event: CompletionEvent) {
        switch event {
        case .text(let piece): text += piece
        case .reasoning(let piece): reasoning += piece
        case .toolCallCompleted(let call): toolCalls.append(call)
        case .usage(let usage): self.usage = usage
        case .finished(let reason): finishReason = reason
        case .toolCallStarted, .toolArguments, .warning: break
        }
    }

    /// Whether anything has come that a person could read or a caller act on.
    public var hasSpoken: Bool { !text.isEmpty || !toolCalls.isEmpty }

    /// The whole answer, once the stream has ended.
    public func completion(model: String, requestID: String?) -> Completion {
        Completion(
            text: text, reasoning: reasoning.isEmpty ? nil : reasoning, toolCalls: toolCalls,
            finishReason: finishReason ?? .stop, model: model, usage: usage, requestID: requestID)
    }
}
