/// Looks at eight bytes at a time, as one integer ("SIMD within a register").
///
/// Each test gives a mask with the highest bit set in every byte that passes. A borrow can set a bit wrongly, but only
/// in bytes after one that passes; the first one found is therefore always right, and the first is all that is asked.
public enum ByteWords {
    @inlinable static var ones: UInt64 { 0x0101_0101_0101_0101 }
    @inlinable public static var highBits: UInt64 { 0x8080_8080_8080_8080 }

    @inlinable @inline(__always)
    public static func repeated(_ byte: UInt8) -> UInt64 { ones &* UInt64(byte) }

    @inlinable @inline(__always)
    public static func load(_ bytes: UnsafePointer<UInt8>) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
    }

    /// The bytes that equal the one that `pattern` repeats.
    @inlinable @inline(__always)
    public static func equal(_ word: UInt64, _ pattern: UInt64) -> UInt64 {
        let difference = word ^ pattern
        return (difference &- ones) & ~difference & highBits
    }

    /// The bytes below 0x20.
    @inlinable @inline(__always)
    public static func controls(_ word: UInt64) -> UInt64 {
        (word &- repeated(0x20)) & ~word & highBits
    }

    /// The index of the first byte that passed.
    @inlinable @inline(__always)
    public static func first(_ mask: UInt64) -> Int { mask.trailingZeroBitCount >> 3 }
}
