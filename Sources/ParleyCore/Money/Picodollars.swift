/// Money, in millionths of a millionth of a US dollar, so that every sum is exact.
///
/// 64 bits reach to about nine million dollars; a sum beyond traps rather than being wrong.
public struct Picodollars: Sendable, Hashable, Comparable {
    public static let perDollar: Int64 = 1_000_000_000_000
    public static let zero = Picodollars(0)

    public var value: Int64

    public init(_ value: Int64) { self.value = value }

    public static func < (left: Picodollars, right: Picodollars) -> Bool { left.value < right.value }
    public static func + (left: Picodollars, right: Picodollars) -> Picodollars {
        Picodollars(left.value + right.value)
    }
    public static func - (left: Picodollars, right: Picodollars) -> Picodollars {
        Picodollars(left.value - right.value)
    }
    public static func += (left: inout Picodollars, right: Picodollars) { left = left + right }
    public static func -= (left: inout Picodollars, right: Picodollars) { left = left - right }
    public static func * (amount: Picodollars, count: Int) -> Picodollars {
        Picodollars(amount.value * Int64(count))
    }
}

extension Picodollars {
    /// Reads dollars from a decimal literal, such as `0.15`, `1.5e-07` or `5`; digits below a pico-dollar are rounded to
    /// the nearest, halves up. Nil for what is no decimal number, for a negative one and for one that does not fit.
    public init?(dollars literal: some StringProtocol) {
        let parts = literal.lowercased().split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
        guard let mantissa = parts.first, let exponent = parts.count == 1 ? 0 : Int(parts[1]) else {
            return nil
        }
        let halves = mantissa.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = halves.count == 2 ? halves[1] : ""
        let digits = halves[0] + fraction
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), abs(exponent) < 100 else {
            return nil
        }
        // The value is `digits` · 10^shift pico-dollars.
        let shift = exponent - fraction.count + 12
        guard let value = Self.scaled(digits, by: shift) else { return nil }
        self.init(value)
    }

    private static func scaled(_ digits: some StringProtocol, by shift: Int) -> Int64? {
        let significant = digits.drop { $0 == "0" }
        if significant.isEmpty { return 0 }
        if shift >= 0 { return shift > 18 ? nil : Int64(significant + String(repeating: "0", count: shift)) }
        let kept = significant.dropLast(-shift)
        let firstDropped = significant.count >= -shift ? significant.dropFirst(kept.count).first : "0"
        guard let whole = kept.isEmpty ? 0 : Int64(kept) else { return nil }
        return whole + (firstDropped.map { $0 >= "5" } == true ? 1 : 0)
    }

    /// Dollars as an exact decimal without trailing zeros, at least two digits after the point: `0.000123`, `5.00`.
    public var dollars: String {
        let magnitude = value.magnitude
        let whole = magnitude / UInt64(Self.perDollar)
        var fraction = String(magnitude % UInt64(Self.perDollar))
        fraction = String(repeating: "0", count: 12 - fraction.count) + fraction
        while fraction.count > 2, fraction.last == "0" { fraction.removeLast() }
        return "\(value < 0 ? "-" : "")\(whole).\(fraction)"
    }
}

extension Picodollars: CustomStringConvertible {
    public var description: String { "$\(dollars)" }
}
