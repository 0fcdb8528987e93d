import OrderedCollections
public import ParleyCore

/// Everything on one page: jobs, tokens, money, and who used them.
public struct OverviewPage: ReportPage, Equatable {
    public let scope: ReportScope
    /// How many jobs are in each state now, whatever the period.
    public let jobs: [JobState: Int]
    public let byModel: GroupedUsage
    public let byBatch: GroupedUsage
    public let unpricedModels: [String]
    /// Requests that were sent and whose outcome nobody knows, whatever the period; they are in no sum.
    public let unknownRequests: Int
    /// What was not paid for again; in none of the sums.
    public let reused: ReusedUsage

    public init(
        scope: ReportScope, jobs: [JobState: Int], byModel: GroupedUsage, byBatch: GroupedUsage,
        unpricedModels: [String] = [], unknownRequests: Int = 0, reused: ReusedUsage = ReusedUsage()
    ) {
        self.reused = reused
        self.unknownRequests = unknownRequests
        self.scope = scope
        self.jobs = jobs
        self.byModel = byModel
        self.byBatch = byBatch
        self.unpricedModels = unpricedModels
    }

    public var text: String {
        let total = byModel.total
        let usage = total.usage
        let reasoning = usage.reasoning > 0 ? ", \(Figures.grouped(usage.reasoning)) of them reasoning" : ""
        var facts = [
            ("Period", scope.text),
            ("Jobs now", jobsText),
            (
                "Requests",
                "\(Figures.grouped(total.requests)), \(Figures.grouped(total.failures)) of them failed"
            ),
            (
                "Input",
                "\(Figures.count(usage.inputTotal, "token")), "
                    + "\(Figures.percent(usage.cacheRead, of: usage.inputTotal)) from a cache"
            ),
            ("Output", Figures.count(usage.output, "token") + reasoning),
            ("Cost", total.costText(MoneyText(for: [total.cost]))),
        ]
        if reused.answers > 0 { facts.append(("Reused", reused.text)) }
        var blocks = [facts.map { "\($0.0.padded(to: 10))\($0.1)\n" }.joined()]
        if !byModel.lines.isEmpty {
            blocks.append(CostPage(scope: scope, groups: byModel).table.text)
            blocks.append(CostPage(scope: scope, groups: byBatch).table.text)
        }
        if let note = unpricedNote(total.unpriced, models: unpricedModels) {
            blocks.append(Prose.wrapped(note) + "\n")
        }
        if unknownRequests > 0 { blocks.append(Prose.wrapped(unknownNote) + "\n") }
        return blocks.joined(separator: "\n")
    }

    private var unknownNote: String {
        "\(Figures.count(unknownRequests, "request")) had been sent when the run was cut off, and nobody knows what "
            + "became of them: they may have been billed and are in no sum above. Their jobs are asked again under "
            + "the same idempotency key, unless --unknown hold says otherwise."
    }

    private var jobsText: String {
        let all = jobs.values.reduce(0, +)
        guard all > 0 else { return "none" }
        let states = JobState.allCases.compactMap { state in
            jobs[state].flatMap { $0 > 0 ? "\(Figures.grouped($0)) \(state.rawValue)" : nil }
        }
        return "\(Figures.grouped(all)): \(states.joined(separator: ", "))"
    }

    public var json: JSON {
        var object = scope.json(report: "overview", by: byModel.dimensions)
        object["jobs"] = .object(
            JSONObject(
                uniqueKeysWithValues: JobState.allCases.map { ($0.rawValue, .int(jobs[$0] ?? 0)) }))
        object["total"] = .object(byModel.total.json)
        object["rows"] = CostPage(scope: scope, groups: byModel).json["rows"]
        object["batches"] = CostPage(scope: scope, groups: byBatch).json["rows"]
        object["unknown_requests"] = .int(unknownRequests)
        object["reused"] = reused.json
        object["unpriced_models"] = .array(unpricedModels.map { .string($0) })
        return .object(object)
    }

    public var csv: String { CostPage(scope: scope, groups: byModel).csv }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
