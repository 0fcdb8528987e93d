public import ConversationStore
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
    /// Those of ``done`` that got a copy of another request's answer, and what they would have cost.
    public var reused = ReuseSums()
    /// Requests sent by this run, retries included.
    public var requests = 0
    public var retries = 0
    /// Over the last minute, or since the start if that is less.
    public var requestsPerMinute = 0.0
    public var tokensPerMinute = 0.0
    /// Model by model, those that are asked, in the order of their names.
    public var gauges: [LimitGauge] = []
    public var usage = Usage()
    /// Of this run.
    public var cost = Picodollars.zero
    /// Answers whose model has no known price; their cost is not in ``cost``.
    public var unpriced = 0
    /// The most that the batches may cost in all.
    public var budget: Picodollars?
    /// What counts against the budget: earlier runs and other processes included, as far as they are known.
    public var spent = Picodollars.zero
    /// The same when the run began.
    public var spentBefore = Picodollars.zero
    /// From the time that the rest takes at best to that at worst, in four runs of five; nil before there is evidence.
    public var timeLeft: ClosedRange<Duration>?
    /// What the run will have cost at the end, in the same manner; nil as well where an answer had no price.
    public var projectedCost: ClosedRange<Picodollars>?
    /// What holds the run up just now; nil when nothing does.
    public var waitingFor: RunWait?
    public var isStopping = false
    /// How much longer requests in the air may take after a stop.
    public var graceLeft: Duration?
    /// Whether any answer came from the simulator.
    public var isSimulated = false

    public init() {}

    /// All jobs that the run knows of.
    public var total: Int { done + failed + unknown + running + waiting }
}
