import NIOHTTP1
public import ParleyCore

/// How long a provider asks to be left alone.
public enum RetryAfter {
    /// A longer wish is taken for this one, so that no sum with a time can overflow.
    public static let longest: Duration = .seconds(365 * 86_400)

    /// Reads `retry-after-ms`, else `retry-after` in seconds (fractions too), else as an HTTP date. A moment in the past
    /// is zero; nil when nothing readable stands there.
    ///
    /// `header` gives a header's value by its lower-case name.
    public static func read(now: Timestamp, header: (String) -> String?) -> Duration? {
        if let milliseconds = header("retry-after-ms").flatMap({ Double($0) }), milliseconds >= 0 {
            return duration(milliseconds: milliseconds)
        }
        guard let text = header("retry-after") else { return nil }
        if let seconds = Double(text) { return seconds >= 0 ? duration(milliseconds: seconds * 1000) : nil }
        guard let moment = HTTPDate.read(text) else { return nil }
        return min(max(.zero, moment.since(now)), longest)
    }

    static func read(_ headers: HTTPHeaders, now: Timestamp) -> Duration? {
        read(now: now) { headers.first(name: $0) }
    }

    private static func duration(milliseconds: Double) -> Duration {
        .milliseconds(Int64(min(milliseconds.rounded(.up), Double(longest.milliseconds))))
    }
}

/// The date of an HTTP header: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110).
enum HTTPDate {
    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    static func read(_ text: String) -> Timestamp? {
        let parts = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "-" })
        guard parts.count == 6, let day = Int(parts[1]), var year = Int(parts[3]),
            let month = months.firstIndex(of: parts[2].lowercased()), parts[5].lowercased() == "gmt"
        else { return nil }
        if parts[3].count == 2 { year += year < 70 ? 2000 : 1900 }
        let clock = parts[4].split(separator: ":").compactMap { Int($0) }
        guard clock.count == 3, (1...31).contains(day), (1970...9999).contains(year),
            (0..<24).contains(clock[0]), (0..<60).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        let seconds =
            ((days(year: year, month: month + 1, day: day) * 24 + clock[0]) * 60 + clock[1]) * 60 + clock[2]
        return Timestamp(milliseconds: Int64(seconds) * 1000)
    }

    /// Days since 1970 of a date in the Gregorian calendar: Howard Hinnant's `days_from_civil`.
    static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
