import BatchExecutor
import ConversationStore
import Foundation
import ParleyCore
import UsageReport

extension RunTargets {
    /// Whether something readable of that name stands on the disk; a folder does not count.
    static func isFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }
}

extension RunOptions {
    /// The runner's settings: the command line first, then what the batches say of themselves.
    ///
    /// Their requests and tokens per minute hold for each batch alone, so they are no settings of the run. It takes as many
    /// requests at once as the batch that wants most.
    ///
    /// - Parameters:
    ///   - chosen: the batches that were named, or whose files were; empty for all that are open.
    ///   - reuse: what was said of reusing answers; it holds for all of them.
    func settings(for chosen: [BatchLimits], reuse: BatchLimits = BatchLimits()) -> RunSettings {
        let concurrency =
            concurrency ?? max(RunSettings.concurrencyDefault, chosen.compactMap(\.concurrency).max() ?? 0)
        return RunSettings(
            concurrency: min(concurrency, RunSettings.concurrencyMax), requestsPerMinute: rpm,
            tokensPerMinute: tpm, budget: budget?.amount ?? chosen.compactMap(\.budget).min(),
            unknownPolicy: unknown, watches: watch,
            leaseDuration: lease.map { .seconds($0) } ?? RunSettings.leaseDurationDefault,
            limitTimeout: limitTimeout.map { .seconds($0) }, order: order, reuse: reuse.reuse,
            collapse: reuse.collapse)
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
            ("option", !option.isEmpty), ("schema", schema != nil),
            ("schema-retries", schemaRetries != nil), ("format", format != .auto),
            ("id-column", idColumn != nil), ("priority", priority != nil),
            ("max-attempts", maxAttempts != nil), ("deadline", deadline != nil),
            ("timeout", timeout != nil),
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
            "retries": .int(retries), "asked_again": .int(rescued), "reused": .int(reused.answers),
            "saved_usd": .init(ReusedUsage(reused).knownSaving?.dollars),
            "seconds": .double((seconds * 1000).rounded() / 1000),
            "usage": usage.json,
            "cost_usd": .init(unpriced > 0 && cost == .zero ? nil : cost.dollars),
            "unpriced": .int(unpriced), "stopped": .init(stopped?.rawValue), "simulated": .bool(isSimulated),
        ]
    }
}
