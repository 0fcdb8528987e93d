public import ParleyCore

/// Takes a stream of newline-delimited JSON apart as its bytes arrive: one document on each line.
///
/// Lines end in LF or CRLF; blank lines and a byte order mark are passed over, and the last line may lack its end. Bytes
/// may be cut anywhere, inside a character too: nothing is read before its line is whole. A line that is no JSON, or too
/// long, is counted and told, and the stream goes on.
public struct NDJSONLines: Sendable {
    /// The most bytes of one line; a longer one is dropped and counted as malformed.
    public static let lineBytesMax = 16 * 1024 * 1024

    public enum Line: Sendable, Hashable {
        case document(JSON)
        case malformed
    }

    /// Lines that could not be read.
    public private(set) var malformedLines = 0

    private let bytesMax: Int
    private var line: [UInt8] = []
    private var lineIsTooLong = false
    private var isAtStart = true

    public init(lineBytesMax: Int = NDJSONLines.lineBytesMax) { bytesMax = lineBytesMax }

    /// A line that has not been read: where it lies in its piece, or a copy if it was cut.
    enum RawLine {
        case bytes(EventSlice.Bytes)
        case tooLong
    }

    /// The lines that are whole once these bytes have come.
    public mutating func push(_ bytes: UnsafeBufferPointer<UInt8>) -> [Line] {
        var piece = EventPiece(bytes)
        var lines: [Line] = []
        while let line = next(in: &piece) { lines.append(read(line)) }
        return lines
    }

    public mutating func push(_ bytes: [UInt8]) -> [Line] {
        bytes.withUnsafeBufferPointer { push($0) }
    }

    /// The line that lacked its end when the stream ended, if there was one.
    public mutating func finish() -> [Line] {
        endLine(with: UnsafeBufferPointer(start: nil, count: 0)).map { [read($0)] } ?? []
    }

    /// The next line that is whole within the piece and not blank; nil once the piece is used up and what is left of it is
    /// kept.
    mutating func next(in piece: inout EventPiece) -> RawLine? {
        while let end = piece.lineFeed() {
            let line = UnsafeBufferPointer(rebasing: piece.bytes[piece.position..<end])
            piece.position = end + 1
            if let line = endLine(with: line) { return line }
        }
        keep(UnsafeBufferPointer(rebasing: piece.bytes[piece.position...]))
        piece.position = piece.bytes.count
        return nil
    }

    /// Reads a line's document.
    mutating func read(_ line: RawLine) -> Line {
        if case .bytes(let bytes) = line, let document = bytes.withBytes({ try? JSON(parsing: $0) }) {
            return .document(document)
        }
        malformedLines += 1
        return .malformed
    }

    private mutating func keep(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard !bytes.isEmpty, !lineIsTooLong else { return }
        if line.count + bytes.count > bytesMax {
            lineIsTooLong = true
            line.removeAll()
        } else {
            line.append(contentsOf: bytes)
        }
    }

    private mutating func endLine(with tail: UnsafeBufferPointer<UInt8>) -> RawLine? {
        if line.isEmpty, !lineIsTooLong, tail.count <= bytesMax {
            return content(of: tail).map { .bytes(.inPiece($0)) }
        }
        keep(tail)
        if lineIsTooLong {
            lineIsTooLong = false
            return .tooLong
        }
        let whole = line
        line.removeAll(keepingCapacity: true)
        return whole.withUnsafeBufferPointer { content(of: $0).map { .bytes(.kept(Array($0))) } }
    }

    /// The line without a byte order mark; nil if it is blank.
    private mutating func content(of line: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
        var line = line
        if isAtStart, line.starts(with: [0xEF, 0xBB, 0xBF]) {
            line = UnsafeBufferPointer(rebasing: line[3...])
        }
        guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { return nil }
        isAtStart = false
        return line
    }
}
