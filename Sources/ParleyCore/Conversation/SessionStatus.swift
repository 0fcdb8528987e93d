/// Where a conversation stands.
public enum SessionStatus: String, Sendable, Hashable, CaseIterable {
    /// Its last word is a whole answer.
    case active
    /// Something is missing: an answer to its last question, the rest of one, or the results of tool calls.
    case interrupted
    /// A job's conversation that is over.
    case done
    /// Put away by hand.
    case archived
}
