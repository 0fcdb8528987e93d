/// The part of a file that a reader looks at: it slides along, and grows only for a row that does not fit.
///
/// A reader works on whole rows. When the window ends within one, it asks for more and starts that row again; because
/// the window doubles, a long row is read over at most twice in all. Memory is bounded by twice the longest row allowed.
final class ByteWindow {
    /// How much is asked for at a time.
    static let blockBytes = 256 << 10
    /// The longest row, or element of a JSON array, that is read.
    static let rowBytesMax = 16 << 20

    private var source: any ByteSource
    private let rowBytesMax: Int
    private(set) var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// The first byte that has not been used up.
    private(set) var start = 0
    /// Behind the last byte that has been read.
    private(set) var end = 0
    /// Nothing comes after ``end``.
    private(set) var isAtEnd = false
    /// The offset in the file of `base[0]`.
    private(set) var offset = 0

    init(
        _ source: any ByteSource, blockBytes: Int = ByteWindow.blockBytes,
        rowBytesMax: Int = ByteWindow.rowBytesMax
    ) {
        self.source = source
        self.rowBytesMax = rowBytesMax
        capacity = max(blockBytes, 16)
        base = .allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    var unused: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: base + start, count: end - start)
    }

    func drop(_ count: Int) {
        assert(start + count <= end)
        start += count
    }

    /// Moves ``start`` to an index of `base`.
    func advance(to index: Int) { drop(index - start) }

    /// Reads another block behind what is unused; false at the end of the file.
    ///
    /// The indices of what is unused change: ``start`` becomes 0.
    func fill() throws(WindowError) -> Bool {
        guard !isAtEnd else { return false }
        if start > 0 {
            (base).update(from: base + start, count: end - start)
            offset += start
            end -= start
            start = 0
        }
        guard end < rowBytesMax else { throw .rowTooLong(bytesMax: rowBytesMax) }
        if end == capacity { grow() }
        let space = UnsafeMutableRawBufferPointer(start: base + end, count: capacity - end)
        let count: Int
        do {
            count = try source.read(into: space)
        } catch {
            throw .unreadable(error)
        }
        end += count
        isAtEnd = count == 0
        return count > 0
    }

    private func grow() {
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2)
        larger.update(from: base, count: end)
        base.deallocate()
        base = larger
        capacity *= 2
    }
}

/// Why a window cannot go on.
enum WindowError: Error {
    case rowTooLong(bytesMax: Int)
    case unreadable(any Error)
}
