public import ParleyCore

/// What some batches may cost in all.
public struct Budget: Sendable, Hashable {
    public var limit: Picodollars
    /// Nil = all batches, those to come included.
    public var batches: [BatchID]?

    public init(limit: Picodollars, batches: [BatchID]? = nil) {
        self.limit = limit
        self.batches = batches
    }
}

/// What the batches of a budget have cost and may yet cost, whoever asked.
public struct BudgetStanding: Sendable, Hashable {
    /// Answers and failures with their known cost.
    public var spent: Picodollars
    /// The most that may yet be charged for requests that are over and whose cost nobody told: their worker was lost, the
    /// connection broke, the answer came without figures.
    public var held: Picodollars
    /// The most that the requests under way can cost, those of other processes included.
    public var inAir: Picodollars
    /// Grows with each word of one store, so that a later one is known when they arrive in another order.
    public var number: UInt64

    public init(
        spent: Picodollars = .zero, held: Picodollars = .zero, inAir: Picodollars = .zero, number: UInt64 = 0
    ) {
        self.spent = spent
        self.held = held
        self.inAir = inAir
        self.number = number
    }

    public enum Verdict: Sendable, Hashable {
        case granted
        /// It would fit if what is under way turned out cheaper than feared.
        case wait
        /// It would not fit even if all that is under way were free.
        case refused
    }

    /// Whether a request that can cost so much fits under the limit. What costs nothing always does.
    public func verdict(on worstCase: Picodollars, limit: Picodollars) -> Verdict {
        if worstCase == .zero { return .granted }
        let isOver = worstCase > limit - (spent + held)
        if isOver { return .refused }
        return worstCase > limit - (spent + held + inAir) ? .wait : .granted
    }
}

/// What the store says to a request under a budget.
public enum BudgetedOpening: Sendable, Hashable {
    /// Written down, its worst case reserved: it may be sent now.
    case granted(OpenAttempt, BudgetStanding)
    /// Nothing was written; see ``BudgetStanding/Verdict/wait``.
    case wait(BudgetStanding)
    /// Nothing was written; see ``BudgetStanding/Verdict/refused``.
    case refused(BudgetStanding)
}
