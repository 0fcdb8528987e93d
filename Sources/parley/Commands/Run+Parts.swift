import BatchExecutor
import ConversationStore
import Foundation
import ParleyCore

extension RunTargets {
    /// Whether something readable of that name stands on the disk; a folder does not count.
    static func isFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }
}

extension RunOptions {
    /// The runner's settings: the command line first, then the job files, the tightest of them.
    func settings(with sheets: [JobSheet]) -> RunSettings {
        let limits = sheets.map(\.limits)
        let concurrency =
            concurrency ?? limits.compactMap(\.concurrency).min() ?? RunSettings.concurrencyDefault
        return RunSettings(
            concurrency: min(concurrency, RunSettings.concurrencyMax),
            requestsPerMinute: rpm ?? limits.compactMap(\.requestsPerMinute).min(),
            tokensPerMinute: tpm ?? limits.compactMap(\.tokensPerMinute).min(),
            budget: budget?.amount ?? sheets.compactMap(\.budget).min(),
            unknownPolicy: unknown, watches: watch,
            limitTimeout: limitTimeout.map { .seconds($0) })
    }

    /// The command that goes on after a stop; nil when nothing is left. A budget that stopped the run is doubled.
    static func continuation(of summary: RunSummary, _ settings: RunSettings, database: String?) -> String? {
        guard summary.waiting > 0 || summary.unknown > 0 else { return nil }
        var words = ["parley", "run"] + summary.batches
        func add(_ option: String, _ value: Int?) {
            if let value { words += [option, String(value)] }
        }
        add(
            "--concurrency",
            settings.concurrency == RunSettings.concurrencyDefault ? nil : settings.concurrency)
        add("--rpm", settings.requestsPerMinute)
        add("--tpm", settings.tokensPerMinute)
        if let budget = settings.budget {
            words += ["--budget", (summary.stopped == .budget ? budget + budget : budget).dollars]
        }
        if let database { words += ["--database", database] }
        return words.map(ShellWord.quoted).joined(separator: " ")
    }
}

/// A word as a shell takes it.
enum ShellWord {
    static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./=:,+@%".contains($0)) }
        return isPlain
            ? word
            : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
                + "'"
    }
}

extension IngestOptions {
    /// The first option that was given on the command line, by its long name; variables do not count.
    var firstGiven: String? {
        let fromVariables = ArgumentLine.current?.variables ?? [:]
        let given: [(String, Bool)] = [
            ("batch", batch != nil), ("model", model != nil), ("role", role != nil),
            ("system", system != nil),
            ("prompt", prompt != nil), ("fallback", !fallback.isEmpty), ("max-tokens", maxTokens != nil),
            ("option", !option.isEmpty), ("schema", schema != nil), ("format", format != .auto),
            ("id-column", idColumn != nil), ("priority", priority != nil),
            ("max-attempts", maxAttempts != nil),
            ("skip-bad-rows", skipBadRows),
        ]
        return given.first { $0.1 && fromVariables[$0.0] == nil }?.0
    }
}

extension RunSummary {
    /// The shape of `run --json`.
    var json: JSON {
        [
            "batches": .array(batches.map { .string($0) }), "done": .int(done), "failed": .int(failed),
            "unknown": .int(unknown), "waiting": .int(waiting), "requests": .int(requests),
            "retries": .int(retries), "seconds": .double((seconds * 1000).rounded() / 1000),
            "usage": usage.json,
            "cost_usd": .init(unpriced > 0 && cost == .zero ? nil : cost.dollars),
            "unpriced": .int(unpriced), "stopped": .init(stopped?.rawValue), "simulated": .bool(isSimulated),
        ]
    }
}
