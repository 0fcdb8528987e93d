public import ConversationStore
public import ParleyCore

/// What is asked, and where.
public struct Question: Sendable, Hashable {
    public var text: String
    public var place: TurnDraft.Place
    /// Whether the conversation is likely to go on: the provider's cache is then told to keep all of it.
    public var expectsMore: Bool

    public init(_ text: String, in place: TurnDraft.Place, expectsMore: Bool = true) {
        self.text = text
        self.place = place
        self.expectsMore = expectsMore
    }
}

/// What became of a question.
public struct Exchange: Sendable {
    public enum Outcome: Sendable {
        /// A whole answer.
        case answered
        /// The model has asked for tools that nobody here ran; see ``Exchange/openCalls``.
        case waitsForTools
        /// As many rounds of tools as there may be; the calls of the next one are open.
        case roundsUsedUp
        /// What had come of the answer is kept.
        case failed(Failure)
        /// Stopped; what had come of the answer is kept.
        case interrupted
    }

    public var session: SessionID
    public var outcome: Outcome
    /// The answer in the shape that every JSON output has; of a broken one the part that came.
    public var answer: Answer
    public var openCalls: [StoredCall]
    /// What all requests of the exchange took.
    public var bill: Bill
}
