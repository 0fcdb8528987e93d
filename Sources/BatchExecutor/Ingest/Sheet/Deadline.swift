import Foundation
public import ParleyCore

/// Until when jobs may be sent, as somebody writes it: `90m`, `2h`, `3d` from now, or a moment such as `2026-11-22T08:00Z`.
public enum Deadline: Sendable, Hashable {
    case after(Duration)
    case at(Timestamp)

    /// A moment without `Z` or an offset such as `+02:00` is one where this machine stands; a day alone is its end.
    public init?(_ text: String) { self.init(text, zone: .current) }

    init?(_ text: String, zone: TimeZone) {
        if let duration = Duration(written: text) {
            self = .after(duration)
        } else if let moment = Self.moment(text, zone: zone) {
            self = .at(moment)
        } else {
            return nil
        }
    }

    public func moment(from now: Timestamp) -> Timestamp {
        switch self {
        case .after(let duration): now + duration
        case .at(let moment): moment
        }
    }

    private static func moment(_ text: String, zone: TimeZone) -> Timestamp? {
        let pattern = #/(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(Z|z|[+-]\d\d:\d\d)?)?/#
        guard let match = text.wholeMatch(of: pattern)?.output else { return nil }
        func number(_ part: Substring?) -> Int { part.flatMap { Int($0) } ?? 0 }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = match.7.map { Self.zone(String($0)) } ?? zone
        let isDay = match.4 == nil
        let parts = DateComponents(
            year: number(match.1), month: number(match.2), day: number(match.3) + (isDay ? 1 : 0),
            hour: number(match.4), minute: number(match.5), second: number(match.6))
        guard (1...12).contains(number(match.2)), (1...31).contains(number(match.3)), number(match.4) < 24,
            number(match.5) < 60, number(match.6) < 60, let date = calendar.date(from: parts)
        else { return nil }
        return Timestamp(milliseconds: Int64(date.timeIntervalSince1970 * 1000))
    }

    private static func zone(_ text: String) -> TimeZone {
        guard text.count == 6, let hours = Int(text.dropFirst().prefix(2)), let minutes = Int(text.suffix(2))
        else { return .gmt }
        let seconds = (hours * 60 + minutes) * 60
        return TimeZone(secondsFromGMT: text.hasPrefix("-") ? -seconds : seconds) ?? .gmt
    }
}

extension Duration {
    /// Reads `45s`, `90m`, `2h` or `3d`; a number alone is seconds.
    public init?(written text: String) {
        let seconds = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        let unit = text.last.flatMap { seconds[$0.lowercased()] }
        let digits = unit == nil ? text[...] : text.dropLast()
        guard !digits.isEmpty, digits.allSatisfy(\.isASCII), let number = Int(digits), number > 0,
            number < 100_000_000
        else { return nil }
        self = .seconds(number * (unit ?? 1))
    }
}
