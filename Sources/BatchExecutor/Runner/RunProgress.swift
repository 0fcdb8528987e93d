public import ParleyCore

/// Where a run stands at one moment: what a panel shows.
public struct RunProgress: Sendable, Hashable {
    public var elapsed: Duration = .zero
    /// Jobs of the run's batches that are still to be answered, without those in the air.
    public var waiting = 0
    public var running = 0
    /// Finished by this run.
    public var done = 0
    public var failed = 0
    public var unknown = 0
    /// Requests sent by this run, retries included.
    public var requests = 0
    public var retries = 0
    /// Over the last minute, or since the start if that is less.
    public var requestsPerMinute = 0.0
    public var tokensPerMinute = 0.0
    public var usage = Usage()
    public var cost = Picodollars.zero
    /// Answers whose model has no known price; their cost is not in ``cost``.
    public var unpriced = 0
    public var timeLeft: Duration?
    /// What the run will have cost at the end if the rest is like what was answered.
    public var projectedCost: Picodollars?
    /// What holds the run up just now, in words; nil when nothing does.
    public var waitingFor: String?
    public var isStopping = false
    /// Whether any answer came from the simulator.
    public var isSimulated = false

    public init() {}
}

/// What a run came to.
public struct RunSummary: Sendable, Hashable {
    public enum StopReason: String, Sendable, Hashable {
        /// The next job could have passed the budget.
        case budget
        /// Somebody asked it to stop.
        case signal
        /// No provider that the rest needs can be used.
        case providers
    }

    public struct FailedExample: Sendable, Hashable {
        public var key: String
        public var message: String

        public init(key: String, message: String) {
            self.key = key
            self.message = message
        }
    }

    public var batches: [String] = []
    /// Counted for this run.
    public var done = 0
    public var failed = 0
    /// Requests whose outcome nobody knows, left in the batches.
    public var unknown = 0
    /// Jobs left in the batches.
    public var waiting = 0
    public var requests = 0
    public var retries = 0
    /// Requests of an earlier run without an answer that were asked again.
    public var rescued = 0
    public var seconds = 0.0
    public var usage = Usage()
    public var cost = Picodollars.zero
    public var unpriced = 0
    /// Nil when all was worked through.
    public var stopped: StopReason?
    /// Why it stopped, in a sentence.
    public var stopDetail: String?
    /// The first few failures.
    public var failedExamples: [FailedExample] = []
    public var isSimulated = false

    public static let failedExamplesMax = 5

    public init() {}
}
