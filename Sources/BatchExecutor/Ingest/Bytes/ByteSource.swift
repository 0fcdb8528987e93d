/// Where a reader's bytes come from: a file, the standard input, a test's array.
protocol ByteSource {
    /// Puts up to that many bytes into the space and says how many; 0 is the end.
    mutating func read(into space: UnsafeMutableRawBufferPointer) throws -> Int
}

/// Bytes that are in memory already, given in pieces of at most a chosen size.
struct MemoryBytes: ByteSource {
    private let bytes: [UInt8]
    private let pieceBytesMax: Int
    private var position = 0

    init(_ bytes: some Sequence<UInt8>, pieceBytesMax: Int = .max) {
        self.bytes = Array(bytes)
        self.pieceBytesMax = pieceBytesMax
    }

    mutating func read(into space: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(space.count, pieceBytesMax, bytes.count - position)
        space.copyBytes(from: bytes[position..<position + count])
        position += count
        return count
    }
}
