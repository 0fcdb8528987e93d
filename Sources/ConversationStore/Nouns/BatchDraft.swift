public import ParleyCore

/// A batch as it is to be enqueued: its name and what holds for all of its rows.
public struct BatchDraft: Sendable, Hashable {
    public var name: String
    public var settings: BatchSettings
    /// Batches with a higher one are handed out first; nil is 0 for a new batch, and leaves what one of that name has.
    public var priority: Int?
    /// Where the rows come from: the file's name, for people.
    public var source: String
    /// Nothing is sent from then on; nil leaves what a batch of that name has.
    public var deadline: Timestamp?

    public init(
        name: String, settings: BatchSettings, priority: Int? = nil, source: String = "",
        deadline: Timestamp? = nil
    ) {
        self.name = name
        self.settings = settings
        self.priority = priority
        self.source = source
        self.deadline = deadline
    }
}

/// Whether an enqueueing is to last.
public enum EnqueueMode: Sendable, Hashable {
    case store
    /// The same work and the same problems, rolled back at the end.
    case dryRun
}

/// What an enqueueing added.
public struct EnqueueReport: Sendable, Hashable {
    /// After a dry run of a new batch, a number that nothing has.
    public var batch: BatchID
    public var name: String
    /// Rows that became jobs.
    public var new: Int
    /// Rows that the batch held already, word for word.
    public var known: Int
    /// All jobs that the batch now has.
    public var jobs: Int
    /// The first rows that could not be taken, at most ``DraftInserter/problemsKept``.
    public var problems: [RowProblem]
    public var problemsCount: Int
}
