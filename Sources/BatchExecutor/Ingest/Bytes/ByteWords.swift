/// Looks at eight bytes at a time, as one integer ("SIMD within a register").
///
/// Each test gives a mask with the highest bit set in every byte that passes. A borrow can set a bit wrongly, but only
/// in bytes after one that passes; the first one found is therefore always right, and the first is all that is asked.
enum ByteWords {
    static let ones: UInt64 = 0x0101_0101_0101_0101
    static let highBits: UInt64 = 0x8080_8080_8080_8080

    @inline(__always)
    static func repeated(_ byte: UInt8) -> UInt64 { ones &* UInt64(byte) }

    @inline(__always)
    static func load(_ bytes: UnsafePointer<UInt8>) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
    }

    /// The bytes that equal the one that `pattern` repeats.
    @inline(__always)
    static func equal(_ word: UInt64, _ pattern: UInt64) -> UInt64 {
        let difference = word ^ pattern
        return (difference &- ones) & ~difference & highBits
    }

    /// The bytes below 0x20.
    @inline(__always)
    static func controls(_ word: UInt64) -> UInt64 {
        (word &- repeated(0x20)) & ~word & highBits
    }

    /// The index of the first byte that passed.
    @inline(__always)
    static func first(_ mask: UInt64) -> Int { mask.trailingZeroBitCount >> 3 }
}
