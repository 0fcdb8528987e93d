public import ParleyCore

/// What a pruning would remove, and what it would keep although it is old.
public struct PrunePlan: Sendable, Hashable {
    /// A batch that would go.
    public struct Batch: Sendable, Hashable {
        public var id: BatchID
        public var name: String
        public var jobs: Int
        /// An earlier pruning was interrupted; what is left of it goes.
        public var isUnfinished: Bool
    }

    /// Something old that stays.
    public struct Kept: Sendable, Hashable {
        public enum Reason: String, Sendable, Hashable, CaseIterable {
            /// A process is answering in it.
            case beingAnswered
            /// Jobs of it wait, are held or are in the air.
            case unfinished
            /// Requests may have been billed, and nobody knows: the ledger is the only witness.
            case unknownRequests
        }

        /// The batch's name; nil for a conversation that a person leads.
        public var batch: String?
        public var session: SessionID?
        /// The conversation's title, or the batch's name.
        public var name: String
        public var reason: Reason
    }

    /// What was last changed before that moment.
    public var olderThan: Timestamp
    public var chats: Int
    public var batches: [Batch]
    /// Of conversations and of jobs.
    public var messages: Int
    /// The texts of those messages and of the jobs' rows; the file holds as much again for indexes.
    public var bytes: Int
    public var kept: [Kept]

    public var jobs: Int { batches.reduce(0) { $0 + $1.jobs } }
    public var isEmpty: Bool { chats == 0 && batches.isEmpty }
}

/// What a pruning has removed so far.
public struct PruneReport: Sendable, Hashable {
    public var chats = 0
    public var batches = 0
    public var jobs = 0
    public var wipe = WipeReport(isLogInUse: false, hasOldRemains: false)
}
