extension Timestamp {
    /// Reads a date with a time in ISO 8601, as other programs write it: `2025-11-21T14:05:09.123456+01:00`.
    ///
    /// A space may stand for the `T`; the time may be left out, and then is midnight. Without a zone it is UTC. Digits below a
    /// millisecond are cut off. Nil for anything else, and for years outside 1970 to 9999.
    public init?(iso8601 text: some StringProtocol) {
        let bytes = Array(text.utf8)
        var reader = MomentReader(bytes: bytes)
        guard let milliseconds = reader.milliseconds() else { return nil }
        self.init(milliseconds: milliseconds)
    }

    /// The moment in UTC to the millisecond, in the form that every document has: `2025-11-21T14:05:09.120Z`.
    public var documentText: String {
        func padded(_ number: Int64, _ length: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, length - digits.count)) + digits
        }
        let day = Int64((Double(milliseconds) / 86_400_000).rounded(.down))
        let rest = milliseconds - day * 86_400_000
        // Howard Hinnant, "chrono-compatible low-level date algorithms": years that begin in March, eras of 400 of them.
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let date =
            "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1, 2))"
        let clock =
            "\(padded(rest / 3_600_000, 2)):\(padded(rest / 60_000 % 60, 2)):\(padded(rest / 1000 % 60, 2))"
        return "\(date)T\(clock).\(padded(rest % 1000, 3))Z"
    }
}

/// Reads one moment from its first byte to its last.
private struct MomentReader {
    let bytes: [UInt8]
    var position = 0

    mutating func milliseconds() -> Int64? {
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
            (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        var sum = Self.days(year, month, day) * 86_400_000
        guard position < bytes.count else { return sum }
        guard take("T") || take("t") || take(" "), let hour = number(2), take(":"), let minute = number(2),
            hour < 24, minute < 60
        else { return nil }
        sum += (hour * 60 + minute) * 60_000
        if take(":") {
            guard let second = number(2), second <= 60 else { return nil }
            sum += second * 1000
            if take(".") || take(",") {
                guard let fraction = fraction() else { return nil }
                sum += fraction
            }
        }
        guard let zone = zone(), position == bytes.count else { return nil }
        return sum - zone * 60_000
    }

    /// Minutes east of Greenwich.
    private mutating func zone() -> Int64? {
        if position == bytes.count || take("Z") || take("z") { return 0 }
        let isWest = take("-")
        guard isWest || take("+"), let hours = number(2) else { return nil }
        _ = take(":")
        let minutes = position < bytes.count ? number(2) : 0
        return minutes.map { (hours * 60 + $0) * (isWest ? -1 : 1) }
    }

    private mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var digits = 0
        while position < bytes.count, let digit = Self.digit(bytes[position]) {
            if digits < 3 { value = value * 10 + digit }
            digits += 1
            position += 1
        }
        guard digits > 0 else { return nil }
        for _ in min(digits, 3)..<3 { value *= 10 }
        return value
    }

    private mutating func number(_ length: Int) -> Int64? {
        guard position + length <= bytes.count else { return nil }
        var value: Int64 = 0
        for byte in bytes[position..<position + length] {
            guard let digit = Self.digit(byte) else { return nil }
            value = value * 10 + digit
        }
        position += length
        return value
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private static func digit(_ byte: UInt8) -> Int64? {
        (0x30...0x39).contains(byte) ? Int64(byte - 0x30) : nil
    }

    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
