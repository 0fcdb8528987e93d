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

/// Both limits, as the headers of an answer tell them.
struct SimulatedLimits: Sendable {
    private var requests: MinuteLimit?
    private var tokens: MinuteLimit?

    init(requestsPerMinute: Int?, tokensPerMinute: Int?) {
        requests = requestsPerMinute.map { MinuteLimit(perMinute: max(1, $0)) }
        tokens = tokensPerMinute.map { MinuteLimit(perMinute: max(1, $0)) }
    }

    /// Takes one request of so many tokens, or says why not.
    mutating func take(tokens amount: Int, model: String, at now: Timestamp) -> SimulatedRefusal? {
        if let wait = requests?.wait(for: 1, at: now), wait > .zero {
            return SimulatedRefusal(
                .rateLimited(
                    .init(unit: .requests, model: model, perMinute: requests?.perMinute ?? 0, requested: 1)),
                retryAfter: wait)
        }
        if let wait = tokens?.wait(for: amount, at: now), wait > .zero {
            return SimulatedRefusal(
                .rateLimited(
                    .init(unit: .tokens, model: model, perMinute: tokens?.perMinute ?? 0, requested: amount)),
                retryAfter: wait)
        }
        requests?.take(1)
        tokens?.take(amount)
        return nil
    }

    /// The usual headers, name and value.
    var headers: [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        for (kind, limit) in [("requests", requests), ("tokens", tokens)] {
            guard let limit else { continue }
            headers.append(("x-ratelimit-limit-\(kind)", String(limit.perMinute)))
            headers.append(("x-ratelimit-remaining-\(kind)", String(limit.remaining)))
            headers.append(("x-ratelimit-reset-\(kind)", Self.text(limit.resetsIn)))
        }
        return headers
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
