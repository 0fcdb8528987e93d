import OrderedCollections
import ParleyCore

/// Usage sorted into groups: by model, by day, by both.
public struct GroupedUsage: Sendable, Equatable {
    public struct Line: Sendable, Equatable {
        /// One for each of ``GroupedUsage/dimensions``.
        public var keys: [String]
        public var billed: BilledUsage
        /// What the cache saved, where the prices are known; see ``CacheSaving``.
        public var saving: CacheSaving

        public init(keys: [String], billed: BilledUsage, saving: CacheSaving = CacheSaving()) {
            self.keys = keys
            self.billed = billed
            self.saving = saving
        }
    }

    /// The names of what it is grouped by: `model`, `day`.
    public let dimensions: [String]
    public let lines: [Line]

    /// Adds up the lines that have the same keys. Days and hours come in their order, all else by cost, the dearest
    /// first, then by input tokens.
    public init(by dimensions: [String], lines: some Sequence<Line>) {
        self.dimensions = dimensions
        var sums: [[String]: Line] = [:]
        for line in lines {
            if let sum = sums[line.keys] {
                sums[line.keys] = Line(
                    keys: line.keys, billed: sum.billed + line.billed, saving: sum.saving + line.saving)
            } else {
                sums[line.keys] = line
            }
        }
        let isOverTime = dimensions.first.map { ["day", "hour"].contains($0) } ?? false
        self.lines = sums.values.sorted { left, right in
            if isOverTime { return left.keys.lexicographicallyPrecedes(right.keys) }
            let (one, other) = (left.billed, right.billed)
            if one.cost != other.cost { return one.cost > other.cost }
            if one.usage.inputTotal != other.usage.inputTotal {
                return one.usage.inputTotal > other.usage.inputTotal
            }
            return left.keys.lexicographicallyPrecedes(right.keys)
        }
    }

    public var total: BilledUsage { lines.reduce(BilledUsage()) { $0 + $1.billed } }
    public var totalSaving: CacheSaving { lines.reduce(CacheSaving()) { $0 + $1.saving } }

    /// The titles of the columns in which the keys stand.
    var keyColumns: [TextTable.Column] { dimensions.map { TextTable.Column($0) } }

    /// Keys of the total's row.
    var totalKeys: [String] {
        ["total"] + Array(repeating: "", count: max(0, dimensions.count - 1))
    }

    func keysJSON(_ line: Line) -> JSONObject {
        JSONObject(uniqueKeysWithValues: zip(dimensions, line.keys.map { .string($0) }))
    }
}
