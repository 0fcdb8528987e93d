import ParleyCore

/// A row as a request, and which parts of it are the row's own: what is left is shared with the other rows of its batch.
struct PreparedRow: Sendable {
    var request: CompletionRequest
    /// Where the columns of the template begin in the prompt, in bytes; nil when the messages are the row's own as a whole.
    var columnStarts: [Int]?
    /// Its system prompt, its tools and its schema are the row's own as well.
    var hasOwnSystem: Bool
}

/// Which beginnings of its prompt a row may share with others.
///
/// There are up to three, each longer than the one before. The first is what the batch says for all rows: its system
/// prompt, and its template up to the first column. The second is the shortest beginning with enough of the row's own in
/// it, the third the longest: a document and the chapter of it that a question is about. Two rows share the second or the
/// third if their keys say so.
struct PromptOutline: Sendable, Hashable {
    /// Where a beginning ends.
    struct End: Sendable, Hashable {
        /// So many messages belong to it,
        var messages: Int
        /// and so many bytes of the next one.
        var bytes: Int
        /// About how long it is in tokens, the system prompt and all included.
        var tokens: Int
    }

    /// What is shared with less than that many bytes of the row's own is not worth waiting for: 256 tokens.
    static let rowBytesMin = 1024

    /// What the batch says for all rows; nil when there is nothing.
    var common: End?
    /// Those with parts of the row's own, the shorter one first; at most two.
    var own: [End] = []
    /// The same for rows that share ``own``; nil when that is empty.
    var key: PrefixKey?

    /// The end of the beginning at the level: 0 for the common one, 1 and 2 for the row's own.
    func end(at level: Int) -> End? {
        level == 0 ? common : own.indices.contains(level - 1) ? own[level - 1] : nil
    }
}
