import ParleyCore

/// Reads one JSON object a line: plain JSONL, and the lines of an OpenAI batch file.
///
/// A broken line is a bad row like any other, because the next line starts afresh. Only a last line that simply stops is
/// told apart: then the file is not complete, and what is missing behind it nobody knows.
struct JSONLinesReader {
    private let window: ByteWindow
    private let reading: RowReading
    private var writer: ObjectRowWriter
    private var line = 0

    init(_ window: ByteWindow, reading: RowReading) {
        self.window = window
        self.reading = reading
        writer = ObjectRowWriter(reading: reading)
    }

    mutating func read(into builder: inout ChunkBuilder) throws {
        var hasRows = false
        while let text = try nextLine() {
            line += 1
            if !text.bytes.allSatisfy(Self.isSpace) {
                hasRows = true
                try read(text.bytes, isLast: text.isLast, into: &builder)
            }
            window.drop(text.length)
        }
        guard hasRows else { throw IngestError.noRows(reading.file) }
        try builder.flush()
    }

    private mutating func read(
        _ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool, into builder: inout ChunkBuilder
    ) throws {
        if let index = UTF8Check.firstInvalid(in: bytes) {
            guard reading.skipsBadRows else {
                throw IngestError.notUTF8(reading.file, line: line, column: index + 1, byte: bytes[index])
            }
            builder.begin()
            return builder.refuse(line: line, "it is not UTF-8")
        }
        let value: JSON
        do throws(JSONSyntaxError) {
            value = try JSON(parsing: bytes)
        } catch {
            if let index = bytes.firstIndex(of: 0) {
                throw IngestError.nulByte(reading.file, line: line, column: index + 1)
            }
            if isLast, error.isCutShort(in: bytes), !reading.skipsBadRows {
                throw IngestError.jsonCutShort(reading.file, line: line, column: bytes.count + 1)
            }
            builder.begin()
            return builder.refuse(
                line: line, "this is not JSON: \(error.reason) (column \(error.offset + 1))")
        }
        try writer.write(value, line: line, into: &builder)
    }

    private struct Line {
        var bytes: UnsafeBufferPointer<UInt8>
        /// With its line end.
        var length: Int
        /// The file ends with it, without a line end.
        var isLast: Bool
    }

    private func nextLine() throws -> Line? {
        var searched = 0
        while true {
            let unused = window.unused
            if let index = unused[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                return Line(
                    bytes: UnsafeBufferPointer(rebasing: unused[..<index]), length: index + 1, isLast: false)
            }
            searched = unused.count
            do throws(WindowError) {
                if try window.fill() { continue }
            } catch {
                throw reading.error(error, line: line + 1)
            }
            let rest = window.unused
            return rest.isEmpty ? nil : Line(bytes: rest, length: rest.count, isLast: true)
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}

extension JSONSyntaxError {
    /// Whether the text is fine as far as it goes, and merely stops.
    func isCutShort(in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        if reason.hasPrefix("the text ends") || offset >= bytes.count { return true }
        let rest = String(decoding: bytes[offset...], as: UTF8.self)
        return ["true", "false", "null"].contains { $0.hasPrefix(rest) && $0 != rest }
    }
}
