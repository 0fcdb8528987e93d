public import ParleyCore

/// How much of one model's limits a run uses just now: a line of the panel.
///
/// The rates are those of this run over the last minute. What other processes send under the same limit is not in them.
public struct LimitGauge: Sendable, Hashable {
    /// A rate and the most that it may be, both per minute.
    public struct Meter: Sendable, Hashable {
        public var used: Double
        /// Nil where nobody has said one and none was found out.
        public var limit: Int?
        /// Found out by sending rather than told.
        public var isLearnt: Bool

        public init(used: Double = 0, limit: Int? = nil, isLearnt: Bool = false) {
            self.used = used
            self.limit = limit
            self.isLearnt = isLearnt
        }

        /// The part of the limit that is used; more than 1 while a burst is still within the minute.
        public var share: Double? { limit.map { used / Double(max(1, $0)) } }
    }

    public var model: ModelName
    public var requests = Meter()
    /// Input and output together.
    public var tokens = Meter()
    /// Apart, with a limit only where the provider counts them apart.
    public var inputTokens = Meter()
    public var outputTokens = Meter()
    /// Requests of this run that are in the air.
    public var running = 0
    /// The most that may be in the air at once, where that was set or learnt.
    public var concurrencyMax: Int?
    /// How much longer the provider wants to be left alone.
    public var pausedFor: Duration?
    /// How much longer the breaker of its account rests.
    public var restsFor: Duration?

    public init(model: ModelName) { self.model = model }

    /// Whether there is anything to say of it.
    public var isActive: Bool {
        requests.used > 0 || running > 0 || pausedFor != nil || restsFor != nil
    }

    /// The limits that the user or the provider has told.
    public var limits: RateLimits {
        RateLimits(
            requests: requests.isLearnt ? nil : requests.limit, tokens: tokens.limit,
            inputTokens: inputTokens.limit,
            outputTokens: outputTokens.limit)
    }
}
