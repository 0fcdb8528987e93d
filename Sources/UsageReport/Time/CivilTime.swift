public import ParleyCore

/// A moment as a calendar and a clock on the wall show it, in the Gregorian calendar, without a time zone.
///
/// Counting days is plain arithmetic (after Howard Hinnant's `days_from_civil`), so that a report needs no calendar
/// library; only the offset of a named time zone does.
struct CivilTime: Hashable {
    var year: Int
    var month: Int
    var day: Int
    var hour = 0
    var minute = 0
    var second = 0

    init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
    }

    /// What the clock shows `secondsSince1970` after the start of 1970.
    init(secondsSince1970: Int64) {
        let days = Int(secondsSince1970.flooredDivision(by: 86_400))
        let rest = Int(secondsSince1970 - Int64(days) * 86_400)
        let shifted = days + 719_468
        let era = shifted.flooredDivision(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        hour = rest / 3600
        minute = rest % 3600 / 60
        second = rest % 60
    }

    var secondsSince1970: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.flooredDivision(by: 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = Int64(era * 146_097 + dayOfEra - 719_468)
        return days * 86_400 + Int64(hour * 3600 + minute * 60 + second)
    }

    /// Whether there is such a moment: no 30th of February, no 25 o'clock.
    var exists: Bool { CivilTime(secondsSince1970: secondsSince1970) == self }

    /// `2025-11-21`.
    var date: String { "\(Self.padded(year, 4))-\(Self.padded(month))-\(Self.padded(day))" }

    /// `14:05:09`.
    var clock: String { "\(Self.padded(hour)):\(Self.padded(minute)):\(Self.padded(second))" }

    static func padded(_ number: Int, _ length: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, length - digits.count)) + digits
    }
}

extension FixedWidthInteger {
    fileprivate func flooredDivision(by divisor: Self) -> Self {
        let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? quotient - 1 : quotient
    }
}

extension Timestamp {
    /// The moment in ISO 8601, UTC, to the second: `2025-11-21T14:05:09Z`.
    public var iso8601: String {
        let civil = CivilTime(secondsSince1970: milliseconds.flooredDivision(by: 1000))
        return "\(civil.date)T\(civil.clock)Z"
    }

    /// The same to the millisecond: `2025-11-21T14:05:09.120Z`.
    public var iso8601Milliseconds: String {
        let second = milliseconds.flooredDivision(by: 1000)
        let civil = CivilTime(secondsSince1970: second)
        return "\(civil.date)T\(civil.clock).\(CivilTime.padded(Int(milliseconds - second * 1000), 3))Z"
    }
}

extension Timestamp {
    /// Reads the beginning of an hour in UTC as the store names it: `2026-01-31T14:00`.
    public init?(hour text: String) {
        let numbers = text.split(whereSeparator: { "-T: Z".contains($0) }).map { Int($0) }
        guard numbers.count >= 4, let year = numbers[0], let month = numbers[1], let day = numbers[2],
            let hour = numbers[3]
        else { return nil }
        let civil = CivilTime(year: year, month: month, day: day, hour: hour)
        guard civil.exists else { return nil }
        self.init(milliseconds: civil.secondsSince1970 * 1000)
    }
}
