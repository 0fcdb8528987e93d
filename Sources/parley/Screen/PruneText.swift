import ConversationStore
import OrderedCollections
import ParleyCore
import UsageReport

/// What a pruning removes and keeps, in words.
enum PruneText {
    /// So many names of each kind are told; all are counted.
    static let namesMax = 10

    static func lines(of plan: PrunePlan) -> [String] {
        guard !plan.isEmpty else { return ["Nothing is old enough to go."] + kept(in: plan) }
        let names = plan.batches.prefix(namesMax).map(\.name).joined(separator: ", ")
        let more = plan.batches.count > namesMax ? ", …" : ""
        let batches =
            plan.batches.isEmpty
            ? "no batch"
            : "\(plan.batches.count == 1 ? "1 batch" : "\(Figures.grouped(plan.batches.count)) batches") (\(names)\(more)) "
                + "with \(Figures.count(plan.jobs, "job"))"
        return [
            "To go: \(Figures.count(plan.chats, "chat")), \(batches); together \(Figures.count(plan.messages, "message")), "
                + "\(Figures.bytes(plan.bytes)) of text."
        ] + kept(in: plan)
    }

    /// A line for each reason.
    static func kept(in plan: PrunePlan) -> [String] {
        PrunePlan.Kept.Reason.allCases.compactMap { reason in
            let some = plan.kept.filter { $0.reason == reason }
            guard !some.isEmpty else { return nil }
            let names = some.prefix(namesMax).map { kept in
                kept.batch.map { "batch \($0)" } ?? "session \(kept.session.map { "\($0)" } ?? "")"
            }
            let more = some.count > namesMax ? ", …" : ""
            return "Kept, because \(reason.sentence): \(names.joined(separator: ", "))\(more)"
                + (some.count > 1 ? " (\(Figures.grouped(some.count)))" : "") + "."
        }
    }

    static func line(on report: PruneReport, of plan: PrunePlan) -> String {
        "removing: \(Figures.grouped(report.chats)) of \(Figures.count(plan.chats, "chat")), "
            + "\(Figures.grouped(report.jobs)) of \(Figures.count(plan.jobs, "job"))"
    }

    static func sentence(on report: PruneReport) -> String {
        guard report.chats + report.batches > 0 else { return "Nothing was old enough to go." }
        let batches = report.batches == 1 ? "1 batch" : "\(Figures.grouped(report.batches)) batches"
        return
            "\(Figures.count(report.chats, "chat")) and \(batches) with \(Figures.count(report.jobs, "job")) removed; "
            + "the bill keeps what they cost, `parley db vacuum` gives the room back."
    }

    /// With what was removed, if anything was.
    static func json(of plan: PrunePlan, _ report: PruneReport? = nil) -> JSON {
        var object: JSONObject = [
            "older_than": .string(plan.olderThan.iso8601), "dry_run": .bool(report == nil),
            "chats": .int(report?.chats ?? plan.chats),
            "batches": .array(plan.batches.map { .string($0.name) }),
            "jobs": .int(report?.jobs ?? plan.jobs), "messages": .int(plan.messages),
            "bytes": .int(plan.bytes),
            "kept": .array(
                plan.kept.map { kept in
                    [
                        "batch": .init(kept.batch), "session": kept.session.map { .int($0.number) } ?? .null,
                        "reason": .string(kept.reason.rawValue),
                    ]
                }),
        ]
        if let wipe = report?.wipe {
            object["log_in_use"] = .bool(wipe.isLogInUse)
            object["old_remains"] = .bool(wipe.hasOldRemains)
        }
        return .object(object)
    }
}

extension PrunePlan.Kept.Reason {
    /// Goes on after `because`.
    fileprivate var sentence: String {
        switch self {
        case .beingAnswered: "a process is answering in it"
        case .unfinished: "jobs are not over"
        case .unknownRequests: "nobody knows whether a request was billed"
        }
    }
}
