public import ParleyCore

/// One turn of a conversation as it is stored.
public struct StoredMessage: Sendable, Hashable {
    public var id: MessageID
    /// Counted from 0 within its conversation; never given twice.
    public var position: Int
    public var message: Message
    /// The answer broke off; this is what had come.
    public var isPartial: Bool
    public var finishReason: String?
    /// Paid for, but not its job's answer.
    public var isExtra: Bool
    /// When it was taken out of the conversation; nil = it is a part of it.
    public var setAsideAt: Timestamp?
    /// The request that brought it.
    public var attempt: AttemptID?
    /// The `provider/model` that was asked for it.
    public var model: ModelName?
    /// What the request took; nil where the provider did not say.
    public var usage: Usage?
    /// Nil = unpriced, or not asked for.
    public var cost: Picodollars?
    public var createdAt: Timestamp
    /// The calls of ``Message/toolCalls`` with what became of them, in the same order.
    public var calls: [StoredCall]

    /// Whether it is sent when the conversation goes on.
    public var isPart: Bool { !isExtra && setAsideAt == nil }
}

/// A tool call as it is stored.
public struct StoredCall: Sendable, Hashable {
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// Nobody has answered it yet.
        case pending
        case answered
        /// Its arguments cannot be read, so it cannot be run.
        case invalid
    }

    public var id: ToolCallID
    public var session: SessionID
    public var call: ToolCall
    public var state: State
    public var result: String?
    public var isError: Bool
    /// When its command was begun; with no result since, it may have had its effect.
    public var startedAt: Timestamp?
}
