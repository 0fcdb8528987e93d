/// What a model's tokens cost from a day on.
///
/// Rates are per single token. A rate that is missing falls back as billing does: a cache read or write that has no
/// rate of its own is charged as plain input, reasoning as output.
public struct Price: Sendable, Hashable {
    public struct Rates: Sendable, Hashable {
        public var input: Picodollars
        public var output: Picodollars
        public var cacheRead: Picodollars?
        public var cacheWrite5m: Picodollars?
        public var cacheWrite1h: Picodollars?
        public var reasoning: Picodollars?

        public init(
            input: Picodollars, output: Picodollars, cacheRead: Picodollars? = nil,
            cacheWrite5m: Picodollars? = nil, cacheWrite1h: Picodollars? = nil, reasoning: Picodollars? = nil
        ) {
            self.input = input
            self.output = output
            self.cacheRead = cacheRead
            self.cacheWrite5m = cacheWrite5m
            self.cacheWrite1h = cacheWrite1h
            self.reasoning = reasoning
        }
    }

    /// Rates that hold for the whole request once its input is longer than a threshold.
    public struct Tier: Sendable, Hashable {
        /// The input tokens, cached or not, that must be exceeded.
        public var inputAbove: Int
        public var rates: Rates

        public init(inputAbove: Int, rates: Rates) {
            self.inputAbove = inputAbove
            self.rates = rates
        }
    }

    public var model: ModelName
    public var effectiveFrom: Timestamp
    public var rates: Rates
    /// In ascending order of their thresholds.
    public var tiers: [Tier]
    /// The most input tokens that the model takes.
    public var contextTokensMax: Int?
    /// The most output tokens that the model gives.
    public var outputTokensMax: Int?
    /// Where the figures come from.
    public var source: String

    public init(
        model: ModelName, effectiveFrom: Timestamp, rates: Rates, tiers: [Tier] = [],
        contextTokensMax: Int? = nil,
        outputTokensMax: Int? = nil, source: String
    ) {
        self.model = model
        self.effectiveFrom = effectiveFrom
        self.rates = rates
        self.tiers = tiers.sorted { $0.inputAbove < $1.inputAbove }
        self.contextTokensMax = contextTokensMax
        self.outputTokensMax = outputTokensMax
        self.source = source
    }

    /// The exact cost of an answer.
    public func cost(of usage: Usage) -> Picodollars {
        let rates = tiers.last { usage.inputTotal > $0.inputAbove }?.rates ?? self.rates
        let reasoning = min(usage.reasoning, usage.output)
        return rates.input * usage.inputUncached
            + (rates.cacheRead ?? rates.input) * usage.cacheRead
            + (rates.cacheWrite5m ?? rates.input) * usage.cacheWrite5m
            + (rates.cacheWrite1h ?? rates.cacheWrite5m ?? rates.input) * usage.cacheWrite1h
            + rates.output * (usage.output - reasoning)
            + (rates.reasoning ?? rates.output) * reasoning
    }
}
