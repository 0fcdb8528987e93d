import OrderedCollections
public import ParleyCore

/// A report that is ready to be shown: the same figures as text, JSON and CSV.
///
/// A page knows nothing of screens and files; whoever has it decides where it goes.
public protocol ReportPage: Sendable {
    /// For people: rounded, with a total and notes.
    var text: String { get }
    /// For programs: exact amounts, and null where something is not known.
    var json: JSON { get }
    /// For spreadsheets: one line for each group, without a total.
    var csv: String { get }
}

/// What a report is about: its time, its zone, its batch.
public struct ReportScope: Sendable, Equatable {
    public var period: ReportPeriod
    public var zone: ReportZone
    /// Nil = all batches.
    public var batch: String?

    public init(period: ReportPeriod = ReportPeriod(), zone: ReportZone = .utc, batch: String? = nil) {
        self.period = period
        self.zone = zone
        self.batch = batch
    }

    /// The scope in a line: `2025-11-01 00:00 to now (Europe/Berlin), batch questions`.
    var text: String {
        let since = period.since.map(shown)
        let until = period.until.map(shown)
        let time =
            switch (since, until) {
            case (nil, nil): "all time"
            case (let since?, nil): "since \(since)"
            case (nil, let until?): "until \(until)"
            case (let since?, let until?): "\(since) to \(until)"
            }
        return "\(time) (\(zone))" + (batch.map { ", batch \($0)" } ?? "")
    }

    private func shown(_ moment: Timestamp) -> String {
        let civil = zone.civil(moment)
        return "\(civil.date) \(civil.clock.prefix(5))"
    }

    /// The members with which every JSON report begins.
    func json(report: String, by dimensions: [String]) -> JSONObject {
        [
            "report": .string(report),
            "by": .array(dimensions.map { .string($0) }),
            "since": .init(period.since?.iso8601),
            "until": .init(period.until?.iso8601),
            "timezone": .string(zone.description),
            "batch": .init(batch),
        ]
    }
}

/// The sentence that names what has no price; nil when all has one.
func unpricedNote(_ count: Int, models: [String]) -> String? {
    guard count > 0 else { return nil }
    let named = models.isEmpty ? "" : " (\(models.joined(separator: ", ")))"
    let (verb, its) = count == 1 ? ("has", "its") : ("have", "their")
    return "\(Figures.count(count, "answer")) \(verb) no price\(named); \(its) cost is not in the sums. "
        + "`parley prices import FILE` adds prices for what comes."
}
