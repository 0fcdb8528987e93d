import BatchExecutor
import ConversationStore
import ParleyCore

/// The command that goes on after a stop: the same batches, and every choice that was made for the run.
struct Continuation {
    let settings: RunSettings
    /// Whether every open batch was asked for rather than some by name.
    var isOfAll = false
    /// Only providers on this machine, chosen on the command line.
    var isOffline = false
    var database: String?
    var config: String?

    /// Nil when nothing is left. A budget that stopped the run is doubled.
    func command(after summary: RunSummary) -> String? {
        guard summary.waiting > 0 || summary.unknown > 0 else { return nil }
        var words = ["parley", "run"] + (isOfAll ? [] : summary.batches)
        func add(_ option: String, _ value: Int?) {
            if let value { words += [option, String(value)] }
        }
        let isUsual = settings.concurrency == RunSettings.concurrencyDefault
        add("--concurrency", isUsual ? nil : settings.concurrency)
        add("--rpm", settings.requestsPerMinute)
        add("--tpm", settings.tokensPerMinute)
        add("--limit-timeout", settings.limitTimeout.map { Int($0.milliseconds / 1000) })
        let lease = settings.leaseDuration
        add("--lease", lease == RunSettings.leaseDurationDefault ? nil : Int(lease.milliseconds / 1000))
        if let budget = settings.budget {
            words += ["--budget", (summary.stopped == .budget ? budget + budget : budget).dollars]
        }
        if settings.order != .cache { words += ["--order", settings.order.rawValue] }
        if settings.unknownPolicy != .retry { words += ["--unknown", settings.unknownPolicy.rawValue] }
        if settings.reuse == true { words.append("--reuse") }
        if settings.collapse == true { words.append("--collapse") }
        if settings.watches { words.append("--watch") }
        if isOffline { words.append("--offline") }
        if let config { words += ["--config", config] }
        if let database { words += ["--database", database] }
        return words.map(ShellWord.quoted).joined(separator: " ")
    }
}
