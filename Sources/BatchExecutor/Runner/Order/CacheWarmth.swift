import ParleyCore
import ProviderStack

/// What is known of one beginning in a provider's cache: whether it can be read, or who is writing it.
struct CacheWarmth: Sendable {
    /// A leader whose first token has not come for so long is not waited for alone: one more is sent.
    static let patience = Duration.seconds(30)
    /// An entry counts as gone a little before it is, since a request is some time on its way.
    static let lifetimeShare = 0.97
    /// From that part of its life on, an entry is in danger of being lost.
    static let riskShare = 0.7

    /// Leaders whose first token has come, since the beginning was cold.
    private(set) var firsts = 0
    private(set) var usedAt: Timestamp?
    /// Nil: the provider's own. An hour, where the entry was written for that.
    private var lifetimeLong: Duration?
    /// Leaders in the air, and since when.
    private var leaders: [JobID: Timestamp] = [:]

    func isWarm(by rules: PromptCacheRules, at now: Timestamp) -> Bool {
        guard firsts >= rules.leaders, let usedAt else { return false }
        return now.since(usedAt) < lifetime(by: rules) * Self.lifetimeShare
    }

    private func lifetime(by rules: PromptCacheRules) -> Duration { lifetimeLong ?? rules.lifetime }

    /// Whether it is warm, but not for long.
    func isAtRisk(by rules: PromptCacheRules, at now: Timestamp) -> Bool {
        guard isWarm(by: rules, at: now), let usedAt else { return false }
        return now.since(usedAt) >= lifetime(by: rules) * Self.riskShare
    }

    /// Whether a job may go first: nobody does, or nobody has heard anything for long.
    func mayBeLed(at now: Timestamp) -> Bool {
        leaders.values.allSatisfy { now.since($0) >= Self.patience }
    }

    mutating func lead(
        _ job: JobID, _ retention: PromptCacheWish.Retention = .standard, by rules: PromptCacheRules,
        at now: Timestamp
    ) {
        if let usedAt, now.since(usedAt) >= lifetime(by: rules) * Self.lifetimeShare { firsts = 0 }
        leaders[job] = now
        lifetimeLong = retention == .hour ? rules.lifetimeLong : nil
    }

    /// The first token of a leader's answer has come: what it wrote can be read.
    mutating func ripen(by job: JobID, at now: Timestamp) {
        guard leaders.removeValue(forKey: job) != nil else { return }
        firsts += 1
        usedAt = now
    }

    /// A leader has come to its end without a token: somebody else has to go first.
    mutating func lose(_ job: JobID) { leaders[job] = nil }

    mutating func use(at now: Timestamp) { usedAt = max(usedAt ?? now, now) }

    /// Whether nothing is lost when it is forgotten.
    func isIdle(by rules: PromptCacheRules, at now: Timestamp) -> Bool {
        leaders.isEmpty && !isWarm(by: rules, at: now)
    }
}
