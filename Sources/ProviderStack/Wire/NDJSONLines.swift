public import ParleyCore

/// Takes a stream of newline-delimited JSON apart, byte by byte as it arrives: one document on each line.
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

    /// The lines that are whole once these bytes have come.
    public mutating func push(_ bytes: UnsafeBufferPointer<UInt8>) -> [Line] {
        var lines: [Line] = []
        var start = 0
        for index in bytes.indices where bytes[index] == 0x0A {
            endLine(with: UnsafeBufferPointer(rebasing: bytes[start..<index]), into: &lines)
            start = index + 1
        }
        keep(UnsafeBufferPointer(rebasing: bytes[start...]))
        return lines
    }

    public mutating func push(_ bytes: [UInt8]) -> [Line] {
        bytes.withUnsafeBufferPointer { push($0) }
    }

    /// The line that lacked its end when the stream ended, if there was one.
    public mutating func finish() -> [Line] {
        var lines: [Line] = []
        endLine(with: UnsafeBufferPointer(start: nil, count: 0), into: &lines)
        return lines
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

    private mutating func endLine(with tail: UnsafeBufferPointer<UInt8>, into lines: inout [Line]) {
        if line.isEmpty, !lineIsTooLong, tail.count <= bytesMax { return read(tail, into: &lines) }
        keep(tail)
        if lineIsTooLong {
            lineIsTooLong = false
            malformedLines += 1
            lines.append(.malformed)
            return
        }
        let whole = line
        line.removeAll(keepingCapacity: true)
        whole.withUnsafeBufferPointer { read($0, into: &lines) }
    }

    private mutating func read(_ whole: UnsafeBufferPointer<UInt8>, into lines: inout [Line]) {
        var line = whole
        if isAtStart, line.starts(with: [0xEF, 0xBB, 0xBF]) {
            line = UnsafeBufferPointer(rebasing: line[3...])
        }
        guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { return }
        isAtStart = false
        if let document = try? JSON(parsing: line) {
            lines.append(.document(document))
        } else {
            malformedLines += 1
            lines.append(.malformed)
        }
    }
}
