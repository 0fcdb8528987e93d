public import ParleyCore

/// Which of a batch's jobs are wanted next, by the beginnings that they share.
public struct PrefixOrders: Sendable, Hashable {
    /// More jobs with a beginning of which some were handed out before.
    public struct More: Sendable, Hashable {
        /// The numbers of the keys that have it.
        public var keys: ClosedRange<Int64>
        public var count: Int

        public init(_ keys: ClosedRange<Int64>, count: Int) {
            self.keys = keys
            self.count = count
        }
    }

    public var more: [More]
    /// New beginnings come in the order of their keys, from behind this number on.
    public var after: Int64
    /// How often the next jobs in the order of their keys are taken, at the most. Each time is at least one new beginning;
    /// short ones come several at once.
    public var beginnings: Int
    /// The most jobs that are taken each time. What is left of a longer beginning comes with ``more``.
    public var jobsPerBeginning: Int
    /// Whether any others are wanted, in the order of the file, if there are none of those.
    public var takesOthers: Bool

    public init(
        more: [More] = [], after: Int64 = 0, beginnings: Int = 0, jobsPerBeginning: Int = 4,
        takesOthers: Bool = true
    ) {
        self.more = more
        self.after = after
        self.beginnings = beginnings
        self.jobsPerBeginning = jobsPerBeginning
        self.takesOthers = takesOthers
    }
}

/// In which order the jobs of a batch that were never asked are handed out.
public enum LeaseOrder: Sendable, Hashable {
    /// That of the file.
    case arrival
    /// By the beginnings that they share; `others` holds for the batches that are not named.
    case beginnings([BatchID: PrefixOrders], others: PrefixOrders)

    func orders(of batch: BatchID) -> PrefixOrders? {
        switch self {
        case .arrival: nil
        case .beginnings(let orders, let others): orders[batch] ?? others
        }
    }
}

/// How many other jobs that still wait share a job's beginnings; counted up to ``countMax``.
public struct PrefixMates: Sendable, Hashable {
    public static let countMax = 64

    /// The first level of the key.
    public var short: Int
    /// The whole key.
    public var long: Int

    public static let none = PrefixMates(short: 0, long: 0)

    public init(short: Int, long: Int) {
        self.short = short
        self.long = long
    }
}
