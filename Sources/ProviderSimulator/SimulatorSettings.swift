/// How the simulator behaves. Two simulators with the same settings give the same answers to the same requests.
public struct SimulatorSettings: Sendable, Hashable {
    public var seed: UInt64
    /// The models that exist; empty = every name is one.
    public var models: [String]
    /// From the request to the end of its answer.
    public var latency: Duration
    /// By which share of itself the latency varies, 0…1, drawn for each request.
    public var latencyJitter: Double
    /// The share of the latency, 0…1, that passes before the first word of a streamed answer.
    public var firstTokenShare: Double
    /// Nil = no limit.
    public var requestsPerMinute: Int?
    /// Input and output together; nil = no limit.
    public var tokensPerMinute: Int?
    /// Input alone, as Anthropic counts; nil = no limit. What came from the cache counts, too.
    public var inputTokensPerMinute: Int?
    /// Output alone; nil = no limit.
    public var outputTokensPerMinute: Int?
    /// The most input tokens of one request; nil = no limit.
    public var contextTokensMax: Int?
    /// The share of requests, 0…1, that meet a fault.
    public var errorRate: Double
    /// How the faults share those among themselves; the weights need not add up to anything.
    public var faults: [SimulatedFault: Double]
    /// Where in a body those faults strike that strike in one.
    public var faultPoint: FaultPoint
    /// How long the rate limits among the faults ask to be left alone.
    public var faultRetryAfter: Duration
    /// How long a stall lasts before the connection is closed.
    public var stall: Duration
    /// The key that the server asks for; nil = any or none.
    public var apiKey: String?

    public init(
        seed: UInt64 = 0, models: [String] = [], latency: Duration = .milliseconds(100),
        latencyJitter: Double = 0.2, firstTokenShare: Double = 0.3, requestsPerMinute: Int? = nil,
        tokensPerMinute: Int? = nil, inputTokensPerMinute: Int? = nil, outputTokensPerMinute: Int? = nil,
        contextTokensMax: Int? = nil, errorRate: Double = 0,
        faults: [SimulatedFault: Double] = SimulatedFault.usualWeights, faultPoint: FaultPoint = .middle,
        faultRetryAfter: Duration = .seconds(1), stall: Duration = .seconds(30), apiKey: String? = nil
    ) {
        self.seed = seed
        self.models = models
        self.latency = latency
        self.latencyJitter = min(max(latencyJitter, 0), 1)
        self.firstTokenShare = min(max(firstTokenShare, 0), 1)
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerMinute = tokensPerMinute
        self.inputTokensPerMinute = inputTokensPerMinute
        self.outputTokensPerMinute = outputTokensPerMinute
        self.contextTokensMax = contextTokensMax
        self.errorRate = min(max(errorRate, 0), 1)
        self.faults = faults
        self.faultPoint = faultPoint
        self.faultRetryAfter = faultRetryAfter
        self.stall = stall
        self.apiKey = apiKey
    }
}
