public import ParleyCore

/// The time that a report covers; an end that is nil is open.
public struct ReportPeriod: Sendable, Equatable {
    /// The first moment that counts.
    public var since: Timestamp?
    /// The first moment that counts no more.
    public var until: Timestamp?

    public init(since: Timestamp? = nil, until: Timestamp? = nil) {
        self.since = since
        self.until = until
    }

    /// Reads both ends as the command line has them; see ``moment(_:end:now:zone:)``.
    public init(
        since: String?, until: String?, now: Timestamp, zone: ReportZone
    ) throws(ReportPeriodError) {
        self.since = try since.map { text throws(ReportPeriodError) in
            try Self.moment(text, end: false, now: now, zone: zone)
        }
        self.until = try until.map { text throws(ReportPeriodError) in
            try Self.moment(text, end: true, now: now, zone: zone)
        }
        if let since = self.since, let until = self.until, since >= until { throw .endsBeforeItStarts }
    }

    /// Reads a moment: `2025-11-21`, `2025-11-21T14:05` (in the zone, unless a `Z` follows), `today`, `yesterday`, or
    /// so long ago: `36h`, `7d`, `2w`. As an end, a day counts whole.
    static func moment(
        _ text: String, end: Bool, now: Timestamp, zone: ReportZone
    ) throws(ReportPeriodError) -> Timestamp {
        let lower = text.lowercased()
        if let ago = ago(lower) { return now - ago }
        var civil: CivilTime
        switch lower {
        case "now": return now
        case "today": civil = zone.civil(now)
        case "yesterday": civil = zone.civil(now - .seconds(86_400))
        default: return try written(lower, as: text, end: end, zone: zone)
        }
        (civil.hour, civil.minute, civil.second) = (0, 0, 0)
        return zone.moment(end ? dayAfter(civil) : civil)
    }

    private static func ago(_ text: String) -> Duration? {
        let hours = ["h": 1, "d": 24, "w": 168]
        guard let unit = text.last, let factor = hours[String(unit)], let number = Int(text.dropLast()),
            number >= 0,
            number < 100_000
        else { return nil }
        return .seconds(number * factor * 3600)
    }

    private static func written(
        _ lower: String, as text: String, end: Bool, zone: ReportZone
    ) throws(ReportPeriodError) -> Timestamp {
        let isUTC = lower.hasSuffix("z")
        let halves = (isUTC ? lower.dropLast() : lower[...]).split(whereSeparator: { $0 == "t" || $0 == " " })
        let date = halves.first?.split(separator: "-").compactMap { Int($0) } ?? []
        let clock = halves.dropFirst().first?.split(separator: ":").compactMap { Int($0) } ?? []
        guard (1...2).contains(halves.count), date.count == 3,
            halves.count == 1 || (2...3).contains(clock.count)
        else { throw .unreadable(text) }
        let civil = CivilTime(
            year: date[0], month: date[1], day: date[2], hour: clock.first ?? 0,
            minute: clock.count > 1 ? clock[1] : 0, second: clock.count > 2 ? clock[2] : 0)
        guard civil.exists, (1970...9999).contains(civil.year) else { throw .unreadable(text) }
        return (isUTC ? .utc : zone).moment(end && halves.count == 1 ? dayAfter(civil) : civil)
    }

    private static func dayAfter(_ civil: CivilTime) -> CivilTime {
        CivilTime(secondsSince1970: civil.secondsSince1970 + 86_400)
    }
}

/// Why a period cannot be read.
public enum ReportPeriodError: Error, Sendable, Equatable, CustomStringConvertible {
    case unreadable(String)
    case endsBeforeItStarts

    public var description: String {
        switch self {
        case .unreadable(let text):
            "'\(text)' is no date; write 2025-11-21, 2025-11-21T14:05, today, yesterday, or 36h, 7d, 2w for so long ago"
        case .endsBeforeItStarts: "the period ends before it starts"
        }
    }
}
