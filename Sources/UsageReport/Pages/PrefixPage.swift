import OrderedCollections
import ParleyCore

/// What each beginning that prompts share got from the providers' caches, and which requests should have hit and did not.
public struct PrefixPage: ReportPage, Equatable {
    /// The largest prefixes that a table shows; JSON and CSV have all.
    static let rowsMax = 40
    static let missesMax = 10

    public struct Row: Sendable, Equatable {
        public var batch: String
        /// The first words of the beginning.
        public var opening: String
        public var line: PrefixLine

        public init(batch: String, opening: String, line: PrefixLine) {
            self.batch = batch
            self.opening = OpeningText.short(opening)
            self.line = line
        }
    }

    /// Requests of one prefix that missed for one reason.
    struct Miss: Equatable {
        var row: Row
        var why: CacheMiss
        var missed: PrefixLine.Missed
    }

    public let scope: ReportScope
    public let dimensions: [String]
    public let rows: [Row]
    /// So many requests that they were not replayed; nil = they were.
    public let notReplayed: Int?

    public init(
        scope: ReportScope, by dimensions: [String] = ["prefix"], rows: [Row], notReplayed: Int? = nil
    ) {
        self.scope = scope
        self.dimensions = dimensions
        self.rows = rows
        self.notReplayed = notReplayed
    }

    static let method =
        "saved = the same tokens at the plain input rate, less what the input did cost, at the price that was used"
    static let missMethod =
        "should have hit: read less than three quarters of the beginning, although it was written before; a request that "
        + "had to write it is no fault"

    var saving: CacheSaving { rows.reduce(CacheSaving()) { $0 + $1.line.saving } }

    var order: OrderOutcome {
        if let notReplayed { return .tooMany(notReplayed) }
        return .replayed(rows.compactMap(\.line.orderSaving).reduce(OrderSaving(), +))
    }

    /// The most tokens first.
    var misses: [Miss] {
        rows.flatMap { row in row.line.missed.map { Miss(row: row, why: $0.key, missed: $0.value) } }
            .sorted { left, right in
                let (one, other) = (left.missed, right.missed)
                if one.tokens != other.tokens { return one.tokens > other.tokens }
                if one.requests != other.requests { return one.requests > other.requests }
                return (left.row.batch, left.row.line.name, left.why.rawValue)
                    < (right.row.batch, right.row.line.name, right.why.rawValue)
            }
    }

    public var text: String {
        var blocks = ["Cache by prefix, \(scope.text)\n"]
        guard !rows.isEmpty else {
            blocks.append("No batch was asked in that time.\n")
            return blocks.joined(separator: "\n")
        }
        let hidden = rows.count - Self.rowsMax
        blocks.append(
            table.text
                + (hidden > 0 ? "and \(Figures.grouped(hidden)) more with less input, in the total\n" : ""))
        blocks.append(missText)
        var notes = [
            "(common) = what a batch says for all of its rows",
            "hit = requests that read anything from a cache / all requests",
            "hit share = tokens read from a cache / all input tokens", Self.method,
        ]
        let unpriced = saving.tokensUnpriced
        if unpriced > 0 {
            notes.append("\(Figures.grouped(unpriced)) cached tokens have no price and are not in the saving")
        }
        notes.append(notReplayed == nil ? OrderOutcome.method : "against arrival order: \(order.text)")
        blocks.append(notes.map { Prose.wrapped($0) + "\n" }.joined())
        return blocks.joined(separator: "\n")
    }

    private var hasModels: Bool { Set(rows.map(\.line.lane.model)).count > 1 }

    var table: TextTable {
        let amounts = rows.flatMap { [$0.line.saving.known, $0.line.orderSaving?.known].compactMap { $0 } }
        let money = MoneyText(for: amounts)
        let words = ["batch"] + (hasModels ? ["model"] : []) + ["prefix", "begins"]
        let numbers = [
            "requests", "hit", "hit share", "read", "written", "saved", "against arrival", "more read",
        ]
        var table = TextTable(
            columns: words.map { TextTable.Column($0) } + numbers.map { TextTable.Column($0, .right) })
        table.rows = rows.prefix(Self.rowsMax).map { row in
            [row.batch] + (hasModels ? [row.line.lane.model.description] : [])
                + [row.line.name.text, row.opening]
                + Self.cells(PrefixTotal(row.line), money)
        }
        if rows.count > 1 {
            table.footer =
                ["total"] + Array(repeating: "", count: words.count - 1)
                + Self.cells(rows.reduce(PrefixTotal()) { $0 + PrefixTotal($1.line) }, money)
        }
        return table
    }

    private static func cells(_ sums: PrefixTotal, _ money: MoneyText) -> [String] {
        [
            Figures.grouped(sums.requests), Figures.percent(sums.hits, of: sums.requests),
            Figures.percent(sums.usage.cacheRead, of: sums.usage.inputTotal),
            Figures.grouped(sums.usage.cacheRead), Figures.grouped(sums.usage.cacheWrite),
            sums.knownSaving.map(money.text) ?? "unpriced",
            sums.order.map { $0.known.map(money.text) ?? "unpriced" } ?? "–",
            sums.order.map { Figures.grouped($0.tokens) } ?? "–",
        ]
    }

    private var missText: String {
        let misses = misses
        guard !misses.isEmpty else { return "Every request that could have hit did.\n" }
        var table = TextTable(
            columns: ["batch", "prefix", "begins", "why"].map { TextTable.Column($0) }
                + ["requests", "tokens"].map { TextTable.Column($0, .right) })
        let shown = misses.prefix(Self.missesMax)
        table.rows = shown.map { miss in
            [
                miss.row.batch, miss.row.line.name.text, miss.row.opening,
                miss.why.text(miss.row.line.figures),
                Figures.grouped(miss.missed.requests),
                miss.row.line.tokens > 0 ? Figures.grouped(miss.missed.tokens) : "–",
            ]
        }
        let hidden = misses.count - shown.count
        let reasons = CacheMiss.allCases.filter { why in shown.contains { $0.why == why } }
        return "Should have hit and did not\n\n" + table.text
            + (hidden > 0 ? "and \(Figures.grouped(hidden)) more such lines\n" : "") + "\n"
            + reasons.map { Prose.wrapped($0.advice) + "\n" }.joined()
    }
}
