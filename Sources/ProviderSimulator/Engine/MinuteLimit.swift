import ParleyCore

/// One limit per minute, counted as OpenAI does: a bucket of a minute's worth that fills evenly.
struct MinuteLimit: Sendable {
    let perMinute: Int
    private var level: Double
    private var filledAt: Timestamp?

    init(perMinute: Int) {
        self.perMinute = perMinute
        level = Double(perMinute)
    }

    /// How long until that much is there; zero = it is.
    mutating func wait(for amount: Int, at now: Timestamp) -> Duration {
        fill(to: now)
        let missing = Double(amount) - level
        return missing <= 0 ? .zero : Self.duration(of: missing, perMinute: perMinute)
    }

    mutating func take(_ amount: Int) { level -= Double(amount) }

    var remaining: Int { max(0, Int(level)) }

    /// Until the bucket is full again.
    var resetsIn: Duration { Self.duration(of: Double(perMinute) - level, perMinute: perMinute) }

    private mutating func fill(to now: Timestamp) {
        if let filledAt, now > filledAt {
            level = min(Double(perMinute), level + now.since(filledAt).seconds * Double(perMinute) / 60)
        }
        filledAt = max(now, filledAt ?? now)
    }

    private static func duration(of amount: Double, perMinute: Int) -> Duration {
        .milliseconds(Int64((amount * 60_000 / Double(perMinute)).rounded(.up)))
    }
}

/// All limits that the settings name; each dialect tells them in headers of its own.
struct SimulatedLimits: Sendable {
    private(set) var requests: MinuteLimit?
    /// Input and output together.
    private(set) var tokens: MinuteLimit?
    private(set) var input: MinuteLimit?
    private(set) var output: MinuteLimit?

    init(_ settings: SimulatorSettings) {
        func limit(_ perMinute: Int?) -> MinuteLimit? {
            perMinute.map { MinuteLimit(perMinute: max(1, $0)) }
        }
        requests = limit(settings.requestsPerMinute)
        tokens = limit(settings.tokensPerMinute)
        input = limit(settings.inputTokensPerMinute)
        output = limit(settings.outputTokensPerMinute)
    }

    /// Takes one request of so many tokens, or says why not.
    mutating func take(input inputTokens: Int, output outputTokens: Int, model: String, at now: Timestamp)
        -> SimulatedRefusal?
    {
        func refusal(_ limit: inout MinuteLimit?, _ amount: Int, _ unit: SimulatedRefusal.RateLimit.Unit)
            -> SimulatedRefusal?
        {
            guard let wait = limit?.wait(for: amount, at: now), wait > .zero else { return nil }
            let exceeded = SimulatedRefusal.RateLimit(
                unit: unit, model: model, perMinute: limit?.perMinute ?? 0, requested: amount)
            return SimulatedRefusal(.rateLimited(exceeded), retryAfter: wait)
        }
        let sum = inputTokens + outputTokens
        if let refusal = refusal(&requests, 1, .requests) ?? refusal(&tokens, sum, .tokens)
            ?? refusal(&input, inputTokens, .inputTokens) ?? refusal(&output, outputTokens, .outputTokens)
        {
            return refusal
        }
        requests?.take(1)
        tokens?.take(sum)
        input?.take(inputTokens)
        output?.take(outputTokens)
        return nil
    }

    /// As OpenAI writes it: `20ms`, `1.5s`, `6m0s`.
    static func text(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        if milliseconds < 1000 { return "\(milliseconds)ms" }
        let minutes = milliseconds / 60_000
        let rest = milliseconds % 60_000
        let fraction = rest % 1000
        let digits = fraction == 0 ? "" : ".\(String(1000 + fraction).dropFirst())"
        return "\(minutes > 0 ? "\(minutes)m" : "")\(rest / 1000)\(digits)s"
    }
}
