public import ParleyCore

/// Writes amounts for people, all with the same number of decimals, so that a column can be compared by eye.
///
/// The decimals are as many as the smallest amount needs to show three digits, from 2 to 6. Rounding happens here only,
/// on the way to a screen; JSON and CSV carry the exact amount.
public struct MoneyText: Sendable {
    public static let decimalsMin = 2
    public static let decimalsMax = 6

    public let decimals: Int

    /// Chooses the decimals that these amounts need.
    public init(for amounts: some Sequence<Picodollars>) {
        let smallest = amounts.map(\.value.magnitude).filter { $0 > 0 }.min() ?? 0
        var decimals = Self.decimalsMin
        // Three digits show from a hundred units of the last decimal on.
        var need = UInt64(Picodollars.perDollar)
        while decimals < Self.decimalsMax, smallest > 0, smallest < need {
            decimals += 1
            need /= 10
        }
        self.decimals = decimals
    }

    /// The amount rounded to ``decimals``, halves up; an amount too small to show is `<$0.000001`, never `$0.00`.
    public func text(_ amount: Picodollars) -> String {
        var unit: UInt64 = UInt64(Picodollars.perDollar)
        for _ in 0..<decimals { unit /= 10 }
        let units = (amount.value.magnitude + unit / 2) / unit
        let scale = UInt64(Picodollars.perDollar) / unit
        let fraction = String(units % scale)
        let zeros = String(repeating: "0", count: decimals - fraction.count)
        if units == 0, amount.value > 0 {
            return "<$0.\(String(repeating: "0", count: decimals - 1))1"
        }
        let whole = Figures.grouped(Int(units / scale))
        return "\(amount.value < 0 && units > 0 ? "-" : "")$\(whole).\(zeros)\(fraction)"
    }

    /// One amount by itself.
    public static func single(_ amount: Picodollars) -> String { MoneyText(for: [amount]).text(amount) }
}
