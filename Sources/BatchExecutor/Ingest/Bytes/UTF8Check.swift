import ParleyCore

/// Finds out whether bytes are UTF-8, and if not, where they stop being so.
///
/// The standard library says only whether; a message has to say where.
enum UTF8Check {
    /// The index of the first byte that does not belong to a well-formed character (Unicode, table 3-7); nil if all do.
    static func firstInvalid(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        var index = 0
        while index < bytes.count {
            if index + 8 <= bytes.count, ByteWords.load(base + index) & ByteWords.highBits == 0 {
                index += 8
                continue
            }
            if base[index] < 0x80 {
                index += 1
                continue
            }
            let length = characterLength(base + index, available: bytes.count - index)
            guard length > 0 else { return index }
            index += length
        }
        return nil
    }

    /// The number of bytes of the character that starts here with a byte of 0x80 or more; 0 if none does.
    private static func characterLength(_ bytes: UnsafePointer<UInt8>, available: Int) -> Int {
        let lead = bytes[0]
        let length: Int
        let second: ClosedRange<UInt8>
        switch lead {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return 0
        }
        guard length <= available, second.contains(bytes[1]) else { return 0 }
        for index in 2..<max(length, 2) where bytes[index] & 0xC0 != 0x80 { return 0 }
        return length
    }
}
