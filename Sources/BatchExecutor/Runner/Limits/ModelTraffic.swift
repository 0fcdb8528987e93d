import ParleyCore

/// What a run sends to one model, over the last minute.
struct ModelTraffic: Sendable {
    private var requests: RateWindow
    private var input: RateWindow
    private var output: RateWindow
    private var running = 0

    init(start: Timestamp) {
        requests = RateWindow(start: start, isOfSteps: true)
        input = RateWindow(start: start)
        output = RateWindow(start: start)
    }

    mutating func sent(at now: Timestamp) {
        running += 1
        requests.add(1, at: now)
    }

    mutating func landed() { running -= 1 }

    mutating func used(_ usage: Usage, at now: Timestamp) {
        input.add(Double(usage.inputTotal), at: now)
        output.add(Double(usage.output), at: now)
    }

    mutating func gauge(of model: ModelName, at now: Timestamp) -> LimitGauge {
        var gauge = LimitGauge(model: model)
        gauge.requests.used = requests.perMinute(at: now)
        gauge.inputTokens.used = input.perMinute(at: now)
        gauge.outputTokens.used = output.perMinute(at: now)
        gauge.tokens.used = gauge.inputTokens.used + gauge.outputTokens.used
        gauge.running = running
        return gauge
    }
}
