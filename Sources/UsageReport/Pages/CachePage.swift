import OrderedCollections
public import ParleyCore

/// How much of the input came from the providers' prompt caches, and what that saved.
public struct CachePage: ReportPage, Equatable {
    public let scope: ReportScope
    public let groups: GroupedUsage
    /// Against the order of arrival; nil = nobody asked.
    public let order: OrderOutcome?

    public init(scope: ReportScope, groups: GroupedUsage, order: OrderOutcome? = nil) {
        self.scope = scope
        self.groups = groups
        self.order = order
    }

    /// How the saving is computed; it stands under every table and in every JSON.
    static let method =
        "saved = cached tokens at the plain input rate, less what reading and writing the cache cost, "
        + "at each model's base rates of the hour"

    public var text: String {
        var blocks = ["Cache, \(scope.text)\n"]
        if groups.lines.isEmpty {
            blocks.append("Nothing was asked in that time.\n")
            return blocks.joined(separator: "\n")
        }
        blocks.append(table.text)
        var notes = ["hit share = tokens read from a cache / all input tokens", Self.method]
        let unpriced = groups.totalSaving.tokensUnpriced
        if unpriced > 0 {
            notes.append("\(Figures.grouped(unpriced)) cached tokens have no price and are not in the saving")
        }
        if case .replayed = order { notes.append(OrderOutcome.method) }
        blocks.append(notes.map { Prose.wrapped($0) + "\n" }.joined())
        if let order {
            let saved = groups.totalSaving.known.map(MoneyText.single) ?? "unpriced"
            blocks.append(
                "saved against no cache       \(saved)\n" + "saved against arrival order  \(order.text)\n")
        }
        return blocks.joined(separator: "\n")
    }

    var table: TextTable {
        let money = MoneyText(for: groups.lines.map(\.saving.amount))
        var table = TextTable(
            columns: groups.keyColumns
                + ["requests", "input", "cache read", "written", "hit share", "saved"].map {
                    TextTable.Column($0, .right)
                })
        table.rows = groups.lines.map { $0.keys + Self.cells($0.billed, $0.saving, money) }
        // One line is its own total.
        if groups.lines.count > 1 {
            table.footer = groups.totalKeys + Self.cells(groups.total, groups.totalSaving, money)
        }
        return table
    }

    private static func cells(_ billed: BilledUsage, _ saving: CacheSaving, _ money: MoneyText) -> [String] {
        [
            Figures.grouped(billed.requests), Figures.grouped(billed.usage.inputTotal),
            Figures.grouped(billed.usage.cacheRead), Figures.grouped(billed.usage.cacheWrite),
            Figures.percent(billed.usage.cacheRead, of: billed.usage.inputTotal),
            saving.known.map(money.text) ?? "unpriced",
        ]
    }

    public var json: JSON {
        var object = scope.json(report: "cache", by: groups.dimensions)
        object["rows"] = .array(
            groups.lines.map { line in
                .object(
                    groups.keysJSON(line).merging(Self.members(line.billed, line.saving)) { key, _ in key })
            })
        object["total"] = .object(Self.members(groups.total, groups.totalSaving))
        object["saved_method"] = .string(Self.method)
        if let order {
            object["arrival"] = order.json
            object["arrival_method"] = .string(OrderOutcome.method)
        }
        return .object(object)
    }

    private static func members(_ billed: BilledUsage, _ saving: CacheSaving) -> JSONObject {
        var members = billed.json
        members["saved_usd"] = .init(saving.known?.dollars)
        members["saved_unpriced_tokens"] = .int(saving.tokensUnpriced)
        return members
    }

    public var csv: String {
        let names = ["requests", "input_total", "cache_read", "cache_write", "cache_share", "saved_usd"]
        return CSVText.line(groups.dimensions + names)
            + groups.lines.map { line in
                let usage = line.billed.usage
                let counts = [line.billed.requests, usage.inputTotal, usage.cacheRead, usage.cacheWrite]
                let share =
                    usage.inputTotal > 0
                    ? Figures.fixed(Double(usage.cacheRead) / Double(usage.inputTotal), 4) : ""
                return CSVText.line(
                    line.keys + counts.map { String($0) } + [share, line.saving.known?.dollars ?? ""])
            }.joined()
    }
}
