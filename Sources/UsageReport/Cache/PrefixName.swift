public import ParleyCore

/// Which beginning some requests of a lane have in common.
public struct PrefixName: Sendable, Hashable, Comparable {
    /// 0: what the batch says for all; 1 and 2: with a shorter or a longer part of the row's own, see `PrefixKey`.
    public let level: Int
    /// The part of the key that counts at that level; positive, 0 for what the batch says for all.
    public let number: Int64

    public static let common = PrefixName(level: 0, number: 0)

    init(level: Int, number: Int64) {
        self.level = level
        self.number = number
    }

    public init(_ key: PrefixKey, level: Int) {
        self.init(level: level, number: level == 2 ? key.number : key.short)
    }

    /// Eight hexadecimal digits of its key, or `(common)`.
    public var text: String {
        guard level > 0 else { return "(common)" }
        let digits = String(level == 2 ? PrefixKey(number).long : number, radix: 16)
        return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.level, left.number) < (right.level, right.number)
    }
}
