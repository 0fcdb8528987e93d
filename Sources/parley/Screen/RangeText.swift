import ParleyCore
import UsageReport

/// Ranges in words that are no more exact than the ranges themselves.
enum RangeText {
    /// `about 4 to 6 min`, `about 40 s`, `less than 1 min`.
    ///
    /// Rounded to the unit that the longer end is read in; two ends that then look the same are said once.
    static func duration(_ range: ClosedRange<Duration>) -> String {
        let scale = Scale(for: range.upperBound.seconds)
        let low = Int((range.lowerBound.seconds / scale.step).rounded())
        let high = max(1, Int((range.upperBound.seconds / scale.step).rounded(.up)))
        if low >= high { return "about \(scale.text(high)) \(scale.unit)".trimmed }
        if low == 0 { return "less than \(scale.text(high)) \(scale.unit)".trimmed }
        return "about \(scale.text(low)) to \(scale.text(high)) \(scale.unit)".trimmed
    }

    /// What durations up to a length are counted in.
    private struct Scale {
        /// Seconds.
        var step: Double
        /// Seconds of the unit that is named once, at the end; 0 where each number names its own.
        var unitSeconds: Int
        var unit: String

        init(for longest: Double) {
            (step, unitSeconds, unit) =
                switch longest {
                case ..<10: (1, 1, "s")
                case ..<100: (5, 1, "s")
                case ..<5400: (60, 60, "min")
                case ..<(6 * 3600): (600, 0, "")
                case ..<(72 * 3600): (3600, 3600, "h")
                default: (86_400, 86_400, "d")
                }
        }

        func text(_ steps: Int) -> String {
            let seconds = steps * Int(step)
            guard unitSeconds == 0 else { return Figures.grouped(seconds / unitSeconds) }
            let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60)
            if hours == 0 { return "\(minutes) min" }
            return minutes == 0 ? "\(hours) h" : "\(hours) h \(minutes) min"
        }
    }

    /// `about $0.021 to $0.023`, or `about $1.38` where the ends do not differ in three digits.
    static func money(_ range: ClosedRange<Picodollars>) -> String {
        let (low, high) = moneyEnds(range)
        return low == high ? "about \(low)" : "about \(low) to \(high)"
    }

    /// The same as short as can be: `~$0.023`, the dearer end.
    static func shortMoney(_ range: ClosedRange<Picodollars>) -> String { "~\(moneyEnds(range).high)" }

    private static func moneyEnds(_ range: ClosedRange<Picodollars>) -> (low: String, high: String) {
        let dollars = [range.lowerBound, range.upperBound].map {
            Double($0.value) / Double(Picodollars.perDollar)
        }
        // The last digit that says anything: where the ends differ, or the third one.
        let need = max(dollars[1] - dollars[0], dollars[1] / 100)
        var (decimals, unit) = (0, 1.0)
        while need > 0, unit > need, decimals < MoneyText.decimalsMax {
            decimals += 1
            unit /= 10
        }
        decimals = max(decimals, MoneyText.decimalsMin)
        let ends = dollars.map { "$" + grouped(Figures.fixed($0, decimals)) }
        return (ends[0], ends[1])
    }

    private static func grouped(_ number: String) -> String {
        let parts = number.split(separator: ".", maxSplits: 1)
        guard let whole = parts.first.flatMap({ Int($0) }) else { return number }
        return Figures.grouped(whole) + (parts.count == 2 ? ".\(parts[1])" : "")
    }
}

extension String {
    fileprivate var trimmed: String { last == " " ? String(dropLast()) : self }
}
