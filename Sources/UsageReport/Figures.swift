import ParleyCore

/// How numbers are written for people: the same in every table, panel and summary, whatever the machine's language.
public enum Figures {
    /// With commas between the thousands: `1,234,567`.
    public static func grouped(_ number: Int) -> String {
        var digits = String(number.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        groups.insert(digits, at: 0)
        return (number < 0 ? "-" : "") + groups.joined(separator: ",")
    }

    /// Three significant digits and a unit: `950`, `41.2k`, `3.40M`. For what changes too fast to be read exactly.
    public static func compact(_ number: Double) -> String {
        guard number.isFinite, number >= 0 else { return "–" }
        let steps: [(unit: String, size: Double)] = [("", 1), ("k", 1e3), ("M", 1e6), ("G", 1e9)]
        for (index, step) in steps.enumerated() {
            let scaled = number / step.size
            let isLast = index == steps.count - 1
            if scaled < 999.5 || isLast {
                return (step.size == 1 ? String(Int(scaled.rounded())) : threeDigits(scaled)) + step.unit
            }
        }
        return String(Int(number))
    }

    private static func threeDigits(_ number: Double) -> String {
        number < 9.995 ? fixed(number, 2) : number < 99.95 ? fixed(number, 1) : fixed(number, 0)
    }

    /// A size in the units of memory: `512 B`, `3.40 MiB`.
    public static func bytes(_ count: Int) -> String {
        var size = Double(max(0, count))
        for unit in ["B", "KiB", "MiB", "GiB"] {
            if size < 1023.5 || unit == "GiB" {
                return (unit == "B" ? String(Int(size)) : threeDigits(size)) + " " + unit
            }
            size /= 1024
        }
        return "\(count) B"
    }

    /// A part of a whole, with one decimal: `63.4 %`; a dash when there is no whole.
    public static func percent(_ part: Int, of whole: Int) -> String {
        guard whole > 0 else { return "–" }
        return fixed(100 * Double(part) / Double(whole), 1) + " %"
    }

    /// A part of a whole in whole percent, rounded down so that only all of it is 100 %.
    public static func wholePercent(_ part: Int, of whole: Int) -> String {
        guard whole > 0 else { return "–" }
        return "\(Int((100 * Double(part) / Double(whole)).rounded(.down))) %"
    }

    /// The two largest units: `8 s`, `1 min 12 s`, `2 h 05 min`, `3 d 4 h`.
    public static func duration(_ duration: Duration) -> String {
        let seconds = max(0, Int(duration.seconds.rounded()))
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400)
        if days > 0 { return "\(days) d \(hours % 24) h" }
        if hours > 0 { return "\(hours) h \(padded(minutes % 60)) min" }
        if minutes > 0 { return "\(minutes) min \(padded(seconds % 60)) s" }
        return "\(seconds) s"
    }

    /// A number with its noun, in the plural unless it is one: `1 job`, `200 jobs`.
    public static func count(_ number: Int, _ noun: String) -> String {
        if number == 1 { return "1 \(noun)" }
        if noun.hasSuffix("y") { return "\(grouped(number)) \(noun.dropLast())ies" }
        return "\(grouped(number)) \(noun)\(noun.hasSuffix("h") ? "es" : "s")"
    }

    /// A decimal with a fixed number of digits after the point, halves away from zero.
    public static func fixed(_ number: Double, _ decimals: Int) -> String {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (number.magnitude * scale).rounded()
        guard scaled < 9e15 else { return String(number) }
        let (whole, fraction) = Int64(scaled).quotientAndRemainder(dividingBy: Int64(scale))
        let sign = number < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(whole)" }
        let digits = String(fraction)
        return "\(sign)\(whole).\(String(repeating: "0", count: decimals - digits.count))\(digits)"
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}
