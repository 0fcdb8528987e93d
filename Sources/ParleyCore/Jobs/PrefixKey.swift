/// Which beginning of its prompt a job shares with others of its batch, in two levels: jobs with one first level share a
/// shorter beginning, and those that have the second in common too a longer one.
///
/// Both levels are hashes of 31 bits, joined in one number such that jobs with more in common lie closer together. A
/// collision costs at most a wait, or a place in a cache.
public struct PrefixKey: Sendable, Hashable, Comparable {
    private static let bits: Int64 = 31
    private static let mask: Int64 = 1 << 31 - 1

    /// As stored; positive.
    public let number: Int64

    public init(_ number: Int64) { self.number = number }

    /// - Parameter long: nil when there is only one level.
    public init(short: UInt32, long: UInt32?) {
        let first = max(1, Int64(short) & Self.mask)
        let second = long.map { max(1, Int64($0) & Self.mask) } ?? 0
        number = first << Self.bits | second
    }

    /// The first level alone.
    public var short: Int64 { number >> Self.bits }

    /// The second level alone; 0 where there is none.
    public var long: Int64 { number & Self.mask }

    /// Whether there is a second level.
    public var hasLong: Bool { long > 0 }

    /// All keys with the same first level.
    public var siblings: ClosedRange<Int64> { short << Self.bits...(short << Self.bits | Self.mask) }

    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}
