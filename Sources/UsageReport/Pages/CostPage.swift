import OrderedCollections
public import ParleyCore

/// What was spent, on what.
public struct CostPage: ReportPage, Equatable {
    public let scope: ReportScope
    public let groups: GroupedUsage
    /// The models whose answers have no price.
    public let unpricedModels: [String]
    /// What was not paid for again; in none of the sums.
    public let reused: ReusedUsage

    public init(
        scope: ReportScope, groups: GroupedUsage, unpricedModels: [String] = [],
        reused: ReusedUsage = ReusedUsage()
    ) {
        self.reused = reused
        self.scope = scope
        self.groups = groups
        self.unpricedModels = unpricedModels
    }

    public var text: String {
        var blocks = ["Cost, \(scope.text)\n"]
        if groups.lines.isEmpty {
            blocks.append("Nothing was asked in that time.\n")
        } else {
            blocks.append(table.text)
        }
        if reused.answers > 0 { blocks.append(Prose.wrapped("Reused: \(reused.text).") + "\n") }
        if let note = unpricedNote(groups.total.unpriced, models: unpricedModels) {
            blocks.append(Prose.wrapped(note) + "\n")
        }
        return blocks.joined(separator: "\n")
    }

    var table: TextTable {
        let money = MoneyText(for: groups.lines.map(\.billed.cost))
        var table = TextTable(
            columns: groups.keyColumns
                + ["requests", "failed", "input", "cached", "output", "cost"].map {
                    TextTable.Column($0, .right)
                })
        table.rows = groups.lines.map { $0.keys + Self.cells($0.billed, money) }
        // One line is its own total.
        if groups.lines.count > 1 { table.footer = groups.totalKeys + Self.cells(groups.total, money) }
        return table
    }

    private static func cells(_ billed: BilledUsage, _ money: MoneyText) -> [String] {
        [
            Figures.grouped(billed.requests), Figures.grouped(billed.failures),
            Figures.grouped(billed.usage.inputTotal),
            Figures.percent(billed.usage.cacheRead, of: billed.usage.inputTotal),
            Figures.grouped(billed.usage.output), billed.costText(money),
        ]
    }

    public var json: JSON {
        var object = scope.json(report: "cost", by: groups.dimensions)
        object["rows"] = .array(
            groups.lines.map { line in
                .object(groups.keysJSON(line).merging(line.billed.json) { key, _ in key })
            })
        object["total"] = .object(groups.total.json)
        object["reused"] = reused.json
        object["unpriced_models"] = .array(unpricedModels.map { .string($0) })
        return .object(object)
    }

    public var csv: String {
        let names = [
            "requests", "failures", "input", "cache_read", "cache_write", "output", "reasoning", "cost_usd",
            "unpriced",
        ]
        return CSVText.line(groups.dimensions + names)
            + groups.lines.map { line in
                let (billed, usage) = (line.billed, line.billed.usage)
                let counts = [
                    billed.requests, billed.failures, usage.inputUncached, usage.cacheRead, usage.cacheWrite,
                    usage.output, usage.reasoning,
                ]
                return CSVText.line(
                    line.keys + counts.map { String($0) } + [
                        billed.knownCost?.dollars ?? "", String(billed.unpriced),
                    ])
            }.joined()
    }
}
