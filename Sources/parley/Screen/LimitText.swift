import BatchExecutor
import ParleyCore
import UsageReport

/// Rates and their limits in words of a steady width: `2,940 of 3,000 req/min   98 %`.
struct LimitText: Hashable {
    let words: String
    /// In whole percent; empty where no limit is known.
    let share: String

    var text: String { share.isEmpty ? words : "\(words) \(share)" }

    /// Limits from here on are written as 150k.
    private static let compactFrom = 10_000

    init(_ meter: LimitGauge.Meter, _ unit: String) {
        guard let limit = meter.limit else {
            words = "\(Figures.compact(meter.used).padded(to: 5)) \(unit)"
            share = ""
            return
        }
        let isLong = limit >= Self.compactFrom
        let most = isLong ? Figures.compact(Double(limit)) : Figures.grouped(limit)
        let used =
            isLong
            ? Figures.compact(meter.used).padded(to: 5)
            : Figures.grouped(Int(meter.used.rounded())).padded(to: most.count)
        words = "\(used) of \(meter.isLearnt ? "~" : "")\(most) \(unit)"
        share = Figures.wholePercent(Int(meter.used.rounded()), of: limit).padded(to: 5)
    }

    /// The rates of the whole run; against their limits where one model is asked, since limits are each model's own.
    static func meters(of progress: RunProgress) -> [LimitText] {
        if progress.gauges.count == 1, let gauge = progress.gauges.first { return meters(of: gauge) }
        return [
            LimitText(.init(used: progress.requestsPerMinute), "req/min"),
            LimitText(.init(used: progress.tokensPerMinute), "tok/min"),
        ]
    }

    /// Requests, and tokens: apart where the provider limits them apart.
    static func meters(of gauge: LimitGauge) -> [LimitText] {
        let isApart =
            gauge.tokens.limit == nil && (gauge.inputTokens.limit ?? gauge.outputTokens.limit) != nil
        return [LimitText(gauge.requests, "req/min")]
            + (isApart
                ? [LimitText(gauge.inputTokens, "in-tok/min"), LimitText(gauge.outputTokens, "out-tok/min")]
                : [LimitText(gauge.tokens, "tok/min")])
    }
}

/// A line of the panel for each of the busiest models, in the order of their names, in columns.
struct LimitTable {
    /// More models than this are counted, not listed.
    static let modelsMax = 3
    /// Narrower panels show the sums only.
    private static let widthMin = 60
    private static let nameWidthMax = 26

    private let gauges: [LimitGauge]
    private let rows: [[String]]
    private let more: Int

    /// Nothing where one model is asked, and where there is no room.
    init(_ progress: RunProgress, width: Int) {
        guard progress.gauges.count > 1, width >= Self.widthMin else {
            (gauges, rows, more) = ([], [], 0)
            return
        }
        gauges = progress.gauges.sorted { $0.requests.used > $1.requests.used }.prefix(Self.modelsMax)
            .sorted { $0.model.description < $1.model.description }
        rows = gauges.map { gauge in
            [gauge.model.description.cut(to: Self.nameWidthMax)]
                + LimitText.meters(of: gauge).prefix(2).map(\.text)
        }
        more = progress.gauges.count - gauges.count
    }

    var lines: [Segments] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        let lines = zip(rows, gauges).map { row, gauge in
            let words = row.dropLast().enumerated().map { $0.element.filled(to: widths[$0.offset]) }
            return Segments([
                Segment("  " + (words + row.suffix(1)).joined(separator: "  ")),
                Self.note(of: gauge).map { Segment($0, .warning) },
            ])
        }
        let rest = Segments([Segment("  and \(Figures.count(more, "model")) more", .quiet)])
        return lines + (more > 0 ? [rest] : [])
    }

    private static func note(of gauge: LimitGauge) -> String? {
        if let left = gauge.pausedFor { return "pause \(Figures.duration(left))" }
        return gauge.restsFor.map { "rests \(Figures.duration($0))" }
    }
}
