public import ConversationStore
public import ParleyCore

/// In which order the jobs of a batch are sent. Batches of a higher priority go first in any case, and what was asked before
/// and is due again goes before what never was.
public enum RunOrder: String, Sendable, Hashable, CaseIterable {
    /// Jobs that share the beginning of their prompt one after the other, such that the provider's cache is read as often as
    /// its rules allow.
    case cache
    /// As their file has them.
    case arrival
}

/// How a run works through the queue.
public struct RunSettings: Sendable, Hashable {
    public static let concurrencyDefault = 32
    /// More connections than this to one provider only queue up somewhere else.
    public static let concurrencyMax = 4096
    public static let gracePeriodDefault = Duration.seconds(10)
    public static let leaseDurationDefault = Duration.seconds(60)

    /// The most requests in the air at once.
    public var concurrency: Int
    /// The most requests per minute to each model of a provider; nil = no limit of ours.
    public var requestsPerMinute: Int?
    /// The most tokens per minute to each model of a provider, input and output together; nil = no limit of ours.
    public var tokensPerMinute: Int?
    /// The most that the batches may cost in all, what earlier and other runs spend included. Nothing is sent whose worst
    /// case could pass it.
    public var budget: Picodollars?
    /// What to do with requests that were sent and never answered.
    public var unknownPolicy: UnknownPolicy
    /// Goes on waiting for new jobs when all is done.
    public var watches: Bool
    /// How long requests in the air may go on after a stop was asked for.
    public var gracePeriod: Duration
    /// Overrides whether answers are streamed; nil leaves it to each batch.
    public var streams: Bool?
    /// The longest that a request may be held up by limits, a pause or a resting provider before the run ends with work left;
    /// nil = as long as it takes.
    public var limitTimeout: Duration?
    /// In which order the jobs of a batch are sent.
    public var order: RunOrder
    /// How long a worker holds a job that it does not renew.
    public var leaseDuration: Duration
    /// Whether requests that were answered before take those answers, and whether identical rows of a batch share one; nil
    /// leaves it to each batch. See ``ConversationStore/ReuseScope``.
    public var reuse: Bool?
    public var collapse: Bool?

    public init(
        concurrency: Int = RunSettings.concurrencyDefault, requestsPerMinute: Int? = nil,
        tokensPerMinute: Int? = nil, budget: Picodollars? = nil, unknownPolicy: UnknownPolicy = .retry,
        watches: Bool = false, gracePeriod: Duration = RunSettings.gracePeriodDefault, streams: Bool? = nil,
        leaseDuration: Duration = RunSettings.leaseDurationDefault, limitTimeout: Duration? = nil,
        order: RunOrder = .cache, reuse: Bool? = nil, collapse: Bool? = nil
    ) {
        self.order = order
        precondition(
            (1...Self.concurrencyMax).contains(concurrency), "concurrency is 1 to \(Self.concurrencyMax)")
        self.concurrency = concurrency
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerMinute = tokensPerMinute
        self.budget = budget
        self.unknownPolicy = unknownPolicy
        self.watches = watches
        self.gracePeriod = gracePeriod
        self.streams = streams
        self.leaseDuration = leaseDuration
        self.limitTimeout = limitTimeout
        self.reuse = reuse
        self.collapse = collapse
    }
}
