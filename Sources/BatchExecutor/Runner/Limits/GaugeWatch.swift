import ParleyCore

/// Finds out what happened to limits and breakers by comparing one look at them with the next.
///
/// A plain value. What comes and goes between two looks (a pause of some milliseconds) is not seen.
struct GaugeWatch: Sendable {
    /// What the user set: nothing that was heard.
    let own: RateLimits
    private var models: [ModelName: Known] = [:]
    private var resting: Set<ProviderName> = []
    /// A pause that ends so much later than the one before is another one.
    private static let pauseStep = Duration.milliseconds(500)
    /// A change below this share is a step of the search, not news.
    private static let learntStep = 0.1

    private struct Known: Sendable {
        var pausedUntil: Timestamp?
        var limits: RateLimits
        var concurrencyMax: Int?
        var pace: Int?
    }

    init(own: RateLimits) { self.own = own }

    /// What is new since the look before.
    mutating func look(at gauges: [LimitGauge], _ now: Timestamp) -> [RunEvent] {
        var events: [RunEvent] = []
        for gauge in gauges {
            let pace = gauge.requests.isLearnt ? gauge.requests.limit : nil
            // What the search begins with is no news.
            var known = models[gauge.model] ?? Known(limits: own, concurrencyMax: gauge.concurrencyMax)
            if let left = gauge.pausedFor {
                let isNew = known.pausedUntil.map { (now + left).since($0) >= Self.pauseStep } ?? true
                if isNew { events.append(.paused(gauge.model, for: left)) }
            }
            known.pausedUntil = gauge.pausedFor.map { now + $0 }
            if gauge.limits != known.limits { events.append(.limitsHeard(gauge.model, gauge.limits)) }
            known.limits = gauge.limits
            if Self.isNews(gauge.concurrencyMax, after: known.concurrencyMax)
                || Self.isNews(pace, after: known.pace)
            {
                events.append(
                    .limitsLearnt(gauge.model, concurrency: gauge.concurrencyMax, requestsPerMinute: pace))
                known.concurrencyMax = gauge.concurrencyMax
                known.pace = pace
            }
            models[gauge.model] = known
        }
        return events + breakers(gauges)
    }

    private mutating func breakers(_ gauges: [LimitGauge]) -> [RunEvent] {
        let rests = Dictionary(
            gauges.compactMap { gauge in gauge.restsFor.map { (gauge.model.provider, $0) } },
            uniquingKeysWith: max)
        let opened = rests.keys.filter { !resting.contains($0) }.sorted { $0.text < $1.text }
        let closed = resting.subtracting(rests.keys).sorted { $0.text < $1.text }
        resting = Set(rests.keys)
        return opened.map { .breakerOpened($0, for: rests[$0] ?? .zero) }
            + closed.map { .breakerClosed($0) }
    }

    private static func isNews(_ new: Int?, after old: Int?) -> Bool {
        guard let new, let old else { return new != old }
        return Double((new - old).magnitude) >= max(1, Double(old) * learntStep)
    }
}
