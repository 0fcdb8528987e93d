/// A JSON number as exact decimal digits, so that big integers and tenths compare as they are written.
///
/// `1`, `1.0` and `10e-1` are the same value. An exponent beyond ``exponentMax`` is taken for that limit: numbers of
/// such a size are all alike to a schema.
struct JSONDecimal: Sendable, Hashable {
    static let exponentMax = 1_000_000_000_000

    let isNegative: Bool
    /// The significant digits as values from 0 to 9, without zeros at either end; empty for zero.
    let digits: [UInt8]
    /// The power of ten of the last digit.
    let exponent: Int

    /// Nil when the literal is no JSON number.
    init?(_ literal: String) {
        var digits: [UInt8] = []
        var places = 0
        var isNegative = false
        var hasPoint = false
        var power: Int? = 0
        for (offset, byte) in literal.utf8.enumerated() {
            if byte == UInt8(ascii: "-"), offset == 0 {
                isNegative = true
            } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                digits.append(byte - UInt8(ascii: "0"))
                if hasPoint { places += 1 }
            } else if byte == UInt8(ascii: "."), !hasPoint {
                hasPoint = true
            } else if byte | 0x20 == UInt8(ascii: "e") {
                power = Self.power(literal.utf8.dropFirst(offset + 1))
                break
            } else {
                return nil
            }
        }
        guard let power, !digits.isEmpty else { return nil }
        let trailing = digits.reversed().prefix { $0 == 0 }.count
        self.digits = Array(digits.dropLast(trailing).drop { $0 == 0 })
        self.exponent = self.digits.isEmpty ? 0 : power - places + trailing
        self.isNegative = isNegative && !self.digits.isEmpty
    }

    private static func power(_ text: Substring.UTF8View) -> Int? {
        var digits = text
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
        guard !digits.isEmpty else { return nil }
        var power = 0
        for byte in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            power = min(power * 10 + Int(byte - UInt8(ascii: "0")), exponentMax)
        }
        return isNegative ? -power : power
    }

    var isWhole: Bool { exponent >= 0 }

    /// The one spelling that all literals of this value share.
    var canonical: String {
        guard !digits.isEmpty else { return "0" }
        let text = String(decoding: digits.map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
        return "\(isNegative ? "-" : "")\(text)\(exponent == 0 ? "" : "e\(exponent)")"
    }
}

extension JSONDecimal: Comparable {
    static func < (left: JSONDecimal, right: JSONDecimal) -> Bool {
        guard left.sign == right.sign else { return left.sign < right.sign }
        return left.isNegative ? right.isCloserToZero(than: left) : left.isCloserToZero(than: right)
    }

    private var sign: Int { digits.isEmpty ? 0 : isNegative ? -1 : 1 }

    private func isCloserToZero(than other: JSONDecimal) -> Bool {
        let places = digits.count + exponent
        let otherPlaces = other.digits.count + other.exponent
        guard places == otherPlaces else { return places < otherPlaces }
        return digits.lexicographicallyPrecedes(other.digits)
    }
}

extension JSONDecimal {
    /// More significant digits than these cannot be divided by.
    static let divisorDigitsMax = 18

    /// Whether the value is a whole multiple of the other, which is above zero and has at most
    /// ``divisorDigitsMax`` digits.
    func isMultiple(of divisor: JSONDecimal) -> Bool {
        precondition(!divisor.digits.isEmpty && divisor.digits.count <= Self.divisorDigitsMax)
        guard !digits.isEmpty else { return true }
        // The last digit is not zero, so that nothing below the divisor's last place can be a multiple of it.
        guard exponent >= divisor.exponent else { return false }
        let modulus = divisor.digits.reduce(UInt64(0)) { $0 * 10 + UInt64($1) }
        let remainder = digits.reduce(UInt64(0)) { ($0 * 10 + UInt64($1)) % modulus }
        let scale = Self.powerOfTen(exponent - divisor.exponent, modulo: modulus)
        return Self.product(remainder, scale, modulo: modulus) == 0
    }

    private static func powerOfTen(_ exponent: Int, modulo modulus: UInt64) -> UInt64 {
        var result = 1 % modulus
        var square = 10 % modulus
        var bits = exponent
        while bits > 0 {
            if bits & 1 == 1 { result = product(result, square, modulo: modulus) }
            square = product(square, square, modulo: modulus)
            bits >>= 1
        }
        return result
    }

    private static func product(_ left: UInt64, _ right: UInt64, modulo modulus: UInt64) -> UInt64 {
        modulus.dividingFullWidth(left.multipliedFullWidth(by: right)).remainder
    }
}
