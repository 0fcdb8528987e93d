public import ConversationStore
public import ParleyCore
public import ProviderStack

/// What happens while a question is answered, for whoever shows it.
public enum ConversationEvent: Sendable {
    /// The question is stored in this conversation.
    case stored(SessionID)
    /// The answer goes on from this text, which came earlier.
    case continuing(String)
    /// A piece of the answer, as it arrives.
    case arrived(CompletionEvent)
    /// What has arrived of the present answer counts no more: it begins anew.
    case beginsAnew
    /// Nothing is sent before that moment.
    case waits(PolicyWait)
    case fallsBack(from: ModelName, to: ModelName, because: Failure)
    /// For a person to read: what was left out of the request, what is wrong with an answer.
    case notice(String)
    case toolStarts(StoredCall)
    case toolEnds(StoredCall, ToolResult)
    /// One answer is whole and stored; there may be more to come, after tools have run.
    case answered(Answer)
}
