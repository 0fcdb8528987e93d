internal import Foundation
public import ParleyCore

/// The time zone in which a report counts its days.
///
/// Usage is kept by the hour, so days are exact in zones that are whole hours from UTC, through every change to and
/// from summer time; in the others an hour at each midnight may fall on the other day.
public struct ReportZone: Sendable, Equatable, CustomStringConvertible {
    /// As the user wrote it, or the system's own name.
    public let description: String
    private let zone: TimeZone

    public static let utc = ReportZone(description: "UTC", zone: TimeZone(secondsFromGMT: 0) ?? .current)

    /// The machine's own.
    public static var local: ReportZone {
        let zone = TimeZone.current
        let isUTC = ["GMT", "UTC", "Etc/UTC", "Etc/GMT", "Etc/Universal"].contains(zone.identifier)
        return ReportZone(description: isUTC ? "UTC" : zone.identifier, zone: zone)
    }

    private init(description: String, zone: TimeZone) {
        self.description = description
        self.zone = zone
    }

    /// Reads `UTC`, `local`, an offset such as `+02:00`, or a name such as `Europe/Berlin`.
    public init?(_ text: String) {
        switch text.lowercased() {
        case "utc", "z", "gmt": self = .utc
        case "local": self = .local
        default:
            if let seconds = Self.offset(text) {
                guard let zone = TimeZone(secondsFromGMT: seconds) else { return nil }
                self.init(description: text, zone: zone)
            } else {
                guard text.contains("/") || text.count > 3, let zone = TimeZone(identifier: text) else {
                    return nil
                }
                self.init(description: zone.identifier, zone: zone)
            }
        }
    }

    /// The seconds in `+02:00`, `-0530` or `+2`.
    static func offset(_ text: String) -> Int? {
        guard let sign = text.first, sign == "+" || sign == "-" else { return nil }
        let digits = text.dropFirst().filter { $0 != ":" }
        guard (1...4).contains(digits.count), digits.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            return nil
        }
        let hours = Int(digits.count <= 2 ? digits : String(digits.dropLast(2))) ?? 0
        let minutes = digits.count <= 2 ? 0 : Int(digits.suffix(2)) ?? 0
        guard hours <= 14, minutes < 60 else { return nil }
        return (sign == "-" ? -1 : 1) * (hours * 3600 + minutes * 60)
    }

    private func offset(at seconds: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(seconds))))
    }

    /// What a clock in this zone shows.
    func civil(_ moment: Timestamp) -> CivilTime {
        let seconds = moment.milliseconds / 1000
        return CivilTime(secondsSince1970: seconds + offset(at: seconds))
    }

    /// The moment at which a clock in this zone shows that; of an hour that comes twice, the first.
    func moment(_ civil: CivilTime) -> Timestamp {
        let shown = civil.secondsSince1970
        // The offset of the day before is right unless the clocks were changed since; then the new one is.
        let before = shown - offset(at: shown - 86_400)
        if before + offset(at: before) == shown { return Timestamp(milliseconds: before * 1000) }
        return Timestamp(milliseconds: (shown - offset(at: before)) * 1000)
    }

    /// The day on which a moment falls: `2025-11-21`.
    public func day(of moment: Timestamp) -> String { civil(moment).date }

    /// The hour in which a moment falls: `2025-11-21 14:00`.
    public func hour(of moment: Timestamp) -> String {
        let civil = civil(moment)
        return "\(civil.date) \(CivilTime.padded(civil.hour)):00"
    }
}
