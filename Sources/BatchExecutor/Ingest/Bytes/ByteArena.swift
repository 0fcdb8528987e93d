/// A block of bytes that is written to at its end, for the readers' inner loops.
///
/// `[UInt8]` checks for unique ownership at each append; with eight appends a row that is most of the work.
struct ByteArena: ~Copyable {
    private(set) var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = max(capacity, 64)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        if count == capacity { reserve(1) }
        base[count] = byte
        count += 1
    }

    @inline(__always)
    mutating func append(_ bytes: UnsafePointer<UInt8>, count added: Int) {
        if count + added > capacity { reserve(added) }
        (base + count).update(from: bytes, count: added)
        count += added
    }

    mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { buffer in
            if let start = buffer.baseAddress { append(start, count: buffer.count) }
        }
    }

    /// Forgets everything from the index on.
    mutating func cut(to index: Int) { count = index }

    func bytes(in range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    /// All that was written, as an array.
    func copy() -> [UInt8] { Array(bytes(in: 0..<count)) }

    private mutating func reserve(_ added: Int) {
        var larger = capacity
        while larger < count + added { larger *= 2 }
        let block = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        block.update(from: base, count: count)
        base.deallocate()
        base = block
        capacity = larger
    }
}
