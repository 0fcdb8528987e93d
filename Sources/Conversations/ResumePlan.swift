public import ConversationStore
public import ParleyCore

/// How a conversation that was interrupted goes on. A plain value, made of its last messages.
public enum ResumePlan: Sendable, Hashable {
    /// Its last word is a whole answer.
    case nothing
    /// Tool calls wait for their results.
    case runTools
    /// Its last question, or the results of its tools, are asked on as they stand.
    case ask
    /// The last answer broke off: it goes on from there.
    case goOn(from: MessageID, beginning: String)
    /// The last answer broke off before anything that can be gone on from: it is taken out, and asked for anew.
    case askAnew(instead: MessageID)

    /// - Parameters:
    ///   - messages: the end of the conversation, in order; what is no part of it is passed over.
    ///   - hasOpenCalls: whether any call is unanswered.
    ///   - keepsParts: whether broken answers may be gone on from: not those that must follow a schema.
    public init(_ messages: [StoredMessage], hasOpenCalls: Bool, keepsParts: Bool = true) {
        guard !hasOpenCalls else {
            self = .runTools
            return
        }
        guard let last = messages.last(where: \.isPart) else {
            self = .nothing
            return
        }
        switch last.message.role {
        case .user, .tool, .system: self = .ask
        case .assistant where last.isPartial:
            let text = last.message.content
            self =
                keepsParts && !text.allSatisfy(\.isWhitespace)
                ? .goOn(from: last.id, beginning: text) : .askAnew(instead: last.id)
        case .assistant: self = .nothing
        }
    }
}
