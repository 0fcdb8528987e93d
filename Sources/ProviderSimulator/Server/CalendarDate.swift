import ParleyCore

/// A moment as headers write it, in UTC.
struct CalendarDate: Sendable, Hashable {
    private let moment: Timestamp

    init(_ moment: Timestamp) { self.moment = moment }

    /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110); a part of a second counts as a whole one, so that nobody comes early.
    var http: String {
        let seconds = (moment.milliseconds + 999) / 1000
        let (year, month, day) = Self.date(ofDay: seconds / 86_400)
        let weekday = Self.weekdays[Int((seconds / 86_400 + 4) % 7)]
        return
            "\(weekday), \(Self.two(day)) \(Self.months[month - 1]) \(year) \(Self.clock(seconds % 86_400)) GMT"
    }

    /// `1994-11-06T08:49:37Z` (RFC 3339), rounded up as above.
    var internet: String {
        let seconds = (moment.milliseconds + 999) / 1000
        let (year, month, day) = Self.date(ofDay: seconds / 86_400)
        return "\(year)-\(Self.two(month))-\(Self.two(day))T\(Self.clock(seconds % 86_400))Z"
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func clock(_ seconds: Int64) -> String {
        "\(two(Int(seconds / 3600))):\(two(Int(seconds / 60 % 60))):\(two(Int(seconds % 60)))"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// The Gregorian date of a day counted from 1970: Howard Hinnant's `civil_from_days`, for days since 1970 only.
    private static func date(ofDay day: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = Int(day) + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
