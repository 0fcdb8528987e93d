public import ParleyCore

/// Which answers of others a request may be given instead of being sent.
public struct ReuseScope: Sendable, Hashable {
    /// Those of the whole store: whatever was answered before, in whatever batch or by hand.
    public var reuses: Bool
    /// Those of the same batch.
    public var collapses: Bool
    /// Whether an identical request that is in the air is waited for. Where such requests end in nothing that can be
    /// shared, each job asks for itself.
    public var waits = true

    /// Nil when the request may be given none.
    public init?(reuses: Bool, collapses: Bool) {
        guard reuses || collapses else { return nil }
        self.reuses = reuses
        self.collapses = collapses
    }

    /// The batches whose answers count, for a job of that one.
    func batches(for batch: BatchID) -> ClosedRange<Int64> {
        reuses ? Int64.min...Int64.max : batch.number...batch.number
    }

    /// By which of the two choices a job of `batch` gets the answer of a job of `original`.
    func way(from original: BatchID, to batch: BatchID) -> ReusedAnswer.Way {
        collapses && original == batch ? .collapse : .reuse
    }
}

/// A job that was answered with a copy of another request's answer.
public struct ReusedAnswer: Sendable, Hashable {
    public enum Way: String, Sendable, Hashable {
        /// Of a request that had been answered before.
        case reuse
        /// Of an identical row of the same batch.
        case collapse
    }

    /// The request that was paid for.
    public var attempt: AttemptID
    public var way: Way
    /// The model that answered.
    public var model: ModelName
    /// What the original used; this job used nothing.
    public var usage: Usage
    /// What the original cost, and this job would have; nil = unpriced.
    public var saved: Picodollars?

    public init(attempt: AttemptID, way: Way, model: ModelName, usage: Usage, saved: Picodollars?) {
        self.attempt = attempt
        self.way = way
        self.model = model
        self.usage = usage
        self.saved = saved
    }
}

/// What the store knows of a request that is identical to one that is about to be sent.
public enum KnownRequest: Sendable, Hashable {
    case nothing
    /// It was answered, and the answer can be shared.
    case answered
    /// A job of that batch has sent it and has no answer yet.
    case inAir(BatchID)
}

/// What became of a request that may share an answer.
public enum SharedOpening: Sendable, Hashable {
    /// The job is done with a copy of another request's answer; nothing must be sent.
    case reused(ReusedAnswer)
    /// Nothing was written: an identical request is in the air.
    case inAir
    /// There is nothing to share, so it is written down and may be sent, if the budget has room for it.
    case asked(BudgetedOpening)
}

/// What became of a job that was to get a copy.
public enum CopyOutcome: Sendable, Hashable {
    case reused(ReusedAnswer)
    /// There is no answer that could be copied: it has been deleted since.
    case gone
    /// The job is not this worker's any more.
    case leaseLost
}

/// What was reused, and what it would have cost.
public struct ReuseSums: Sendable, Hashable {
    /// Jobs that were answered with a copy.
    public var answers = 0
    /// Those of them that are identical rows of a batch.
    public var collapsed = 0
    /// What the jobs would have used.
    public var usage = Usage()
    /// What they would have cost; without those of ``unpriced``.
    public var saved = Picodollars.zero
    public var unpriced = 0

    public init() {}

    public mutating func add(_ answer: ReusedAnswer) {
        answers += 1
        if answer.way == .collapse { collapsed += 1 }
        usage = usage + answer.usage
        if let cost = answer.saved { saved += cost } else { unpriced += 1 }
    }
}
