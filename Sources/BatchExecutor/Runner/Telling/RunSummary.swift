public import ConversationStore
public import ParleyCore

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

    /// How long a run was held up by something: the time in which at least one request was.
    public struct Wait: Sendable, Hashable {
        public var cause: RunWait.Cause
        public var duration: Duration

        public init(_ cause: RunWait.Cause, _ duration: Duration) {
            self.cause = cause
            self.duration = duration
        }
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
    /// Those of them that the next run does not ask again by itself: that is the policy, or they were lost as often as they
    /// may be asked.
    public var held = 0
    /// Jobs left in the batches.
    public var waiting = 0
    /// Those of ``done`` that got a copy of another request's answer, and what they would have cost.
    public var reused = ReuseSums()
    public var requests = 0
    public var retries = 0
    /// Requests of an earlier run without an answer that were asked again.
    public var rescued = 0
    public var seconds = 0.0
    /// The longest first.
    public var waits: [Wait] = []
    public var usage = Usage()
    public var cost = Picodollars.zero
    public var unpriced = 0
    /// The most that the batches may cost in all, and what of it is spent, earlier runs included.
    public var budget: Picodollars?
    public var spent = Picodollars.zero
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
