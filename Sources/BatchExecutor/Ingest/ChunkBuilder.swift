import ParleyCore

/// Gathers rows into chunks and hands each full one on.
///
/// A row is written in three steps: ``begin()``, the bytes, then ``keep(key:input:system:line:)``, or ``refuse`` which
/// forgets the bytes. A row without an id of its own gets its number in the file as key; a refused row has a number too,
/// so that correcting it later leaves the keys of the others alone.
struct ChunkBuilder: ~Copyable {
    static let rowsMax = 1000
    static let chunkBytes = 256 << 10

    typealias Sink = (DraftChunk) throws -> Void

    var arena = ByteArena(capacity: ChunkBuilder.chunkBytes + (64 << 10))
    private(set) var problems = RowProblems()
    /// How many rows there were so far, good or bad, in this file and those before it.
    private(set) var rowNumber: Int

    private var rows: [DraftChunk.Row] = []
    private var rowStart = 0
    private var lastSystem: Range<Int>?
    private let sink: Sink

    init(rowsBefore: Int = 0, sink: @escaping Sink) {
        rowNumber = rowsBefore
        self.sink = sink
        rows.reserveCapacity(Self.rowsMax)
    }

    /// Starts the next row.
    mutating func begin() {
        rowNumber += 1
        rowStart = arena.count
    }

    /// Writes the row's number and gives the place: the key of a row without an id.
    mutating func appendNumberKey() -> Range<Int> {
        let start = arena.count
        var digits = (0 as UInt64, 0 as UInt64, 0 as UInt64)
        withUnsafeMutableBytes(of: &digits) { space in
            var index = space.count
            var rest = rowNumber
            repeat {
                index -= 1
                space[index] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            let tail = UnsafeRawBufferPointer(rebasing: space[index...])
            tail.withMemoryRebound(to: UInt8.self) { arena.append($0.baseAddress!, count: $0.count) }
        }
        return start..<arena.count
    }

    /// Takes the bytes from the index on for a lifted system prompt. Where it equals the one before, as it does in nearly
    /// all files, the copy is dropped and the place of the first is given.
    mutating func liftSystem(from start: Int) -> Range<Int> {
        let range = start..<arena.count
        if let lastSystem, arena.bytes(in: lastSystem).elementsEqual(arena.bytes(in: range)) {
            arena.cut(to: start)
            return lastSystem
        }
        return range
    }

    mutating func keep(
        key: Range<Int>, input: Range<Int>, system: Range<Int>?, line: Int, prefix: PrefixKey? = nil
    ) throws {
        rows.append(DraftChunk.Row(key: key, input: input, system: system, line: line, prefix: prefix))
        if let system { lastSystem = system }
        if rows.count >= Self.rowsMax || arena.count >= Self.chunkBytes { try flush() }
    }

    /// Notes why the row cannot become a job, and forgets it.
    mutating func refuse(line: Int, _ reason: String) {
        arena.cut(to: rowStart)
        problems.add(line: line, reason)
    }

    /// Hands on what is left.
    mutating func flush() throws {
        guard !rows.isEmpty else { return }
        let chunk = DraftChunk(bytes: arena.copy(), rows: rows)
        rows.removeAll(keepingCapacity: true)
        arena.cut(to: 0)
        lastSystem = nil
        try sink(chunk)
    }
}
