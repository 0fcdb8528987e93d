extension UnsafeBufferPointer<UInt8> {
    /// How far the text of a JSON string reaches that has begun before `start`: to a quote, a backslash or a control
    /// character, or to the end of the bytes; and whether it is ASCII, which needs no check.
    @inline(__always)
    func stringRun(from start: Int) -> (end: Int, isASCII: Bool) {
        var index = start
        var high: UInt64 = 0
        while index + 8 <= count {
            let word = ByteWords.load(baseAddress! + index)
            let ends = ByteWords.stringEnds(word)
            if ends != 0 {
                // Only the bytes before the end count.
                high |= word & ((ends & (0 &- ends)) &- 1)
                return (index + ByteWords.first(ends), high & ByteWords.highBits == 0)
            }
            high |= word
            index += 8
        }
        while index < count, !self[index].endsStringRun {
            high |= UInt64(self[index])
            index += 1
        }
        return (index, high & ByteWords.highBits == 0)
    }
}

extension ByteWords {
    /// The bytes that end a run of text in a JSON string.
    @inline(__always)
    static func stringEnds(_ word: UInt64) -> UInt64 {
        equal(word, repeated(UInt8(ascii: "\""))) | equal(word, repeated(UInt8(ascii: "\\"))) | controls(word)
    }
}

extension UInt8 {
    /// A quote, a backslash or a control character: what cannot stand in a JSON string as it is.
    @inline(__always)
    var endsStringRun: Bool { self < 0x20 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\") }
}
