import ParleyCore

/// Reads the elements of one JSON array, one at a time: memory is bounded by the longest of them.
///
/// An element that is JSON but no good row is a bad row. What is not JSON ends the reading even where bad rows may be
/// skipped: behind it nobody can tell where the next element starts.
struct JSONArrayReader {
    private let window: ByteWindow
    private let reading: RowReading
    private var writer: ObjectRowWriter
    /// Of the first unused byte, counted from 1; columns count bytes.
    private var line = 1
    private var column = 1

    init(_ window: ByteWindow, reading: RowReading) {
        self.window = window
        self.reading = reading
        writer = ObjectRowWriter(reading: reading)
    }

    mutating func read(into builder: inout ChunkBuilder) throws {
        guard let first = try nextByte() else { throw IngestError.noRows(reading.file) }
        guard first == UInt8(ascii: "[") else {
            if first == UInt8(ascii: "{") { throw IngestError.notAnArray(reading.file, found: "an object") }
            throw notJSON("an array of rows must start with '['")
        }
        use(1)
        guard try skippedToByte() != UInt8(ascii: "]") else {
            use(1)
            try expectEnd()
            throw IngestError.noRows(reading.file)
        }
        while true {
            try readElement(into: &builder)
            let byte = try skippedToByte()
            use(1)
            if byte == UInt8(ascii: "]") { break }
            guard byte == UInt8(ascii: ",") else {
                column -= 1
                throw notJSON("a comma or a closing bracket is missing between two rows")
            }
            if try skippedToByte() == UInt8(ascii: "]") {
                throw notJSON("a row is missing between the comma and the closing bracket")
            }
        }
        try expectEnd()
        try builder.flush()
    }

    private mutating func readElement(into builder: inout ChunkBuilder) throws {
        let length = try elementLength()
        let bytes = UnsafeBufferPointer(rebasing: window.unused[..<length])
        if let index = UTF8Check.firstInvalid(in: bytes) {
            let place = JSONSyntaxError(reason: "", offset: index).location(in: bytes)
            throw IngestError.notUTF8(
                reading.file, line: line + place.line - 1, column: column(place), byte: bytes[index])
        }
        let value: JSON
        do throws(JSONSyntaxError) {
            value = try JSON(parsing: bytes)
        } catch {
            throw self.error(error, in: bytes)
        }
        try writer.write(value, line: line, into: &builder)
        use(length)
    }

    /// The length of the element that starts at the first unused byte.
    private mutating func elementLength() throws -> Int {
        var scanner = JSONElementScanner()
        while true {
            switch scanner.scan(window.unused) {
            case .element(let length) where length > 0: return length
            case .element: throw notJSON("a row is missing")
            case .broken(let index): throw brokenError(UnsafeBufferPointer(rebasing: window.unused[...index]))
            case .incomplete:
                guard try fill() else {
                    // The parser knows better than the scanner whether anything before the end is wrong.
                    throw brokenError(window.unused)
                }
            }
        }
    }

    private func brokenError(_ bytes: UnsafeBufferPointer<UInt8>) -> IngestError {
        do throws(JSONSyntaxError) {
            _ = try JSON(parsing: bytes)
            return cutShort(bytes)
        } catch {
            return error.isCutShort(in: bytes) && window.isAtEnd
                ? cutShort(bytes) : self.error(error, in: bytes)
        }
    }

    private func error(_ error: JSONSyntaxError, in bytes: UnsafeBufferPointer<UInt8>) -> IngestError {
        let place = error.location(in: bytes)
        let line = line + place.line - 1
        if error.offset < bytes.count, bytes[error.offset] == 0 {
            return .nulByte(reading.file, line: line, column: column(place))
        }
        return .notJSON(reading.file, line: line, column: column(place), reason: error.reason)
    }

    /// The column in the file of a place within the bytes that start at the first unused one.
    private func column(_ place: (line: Int, column: Int)) -> Int {
        place.line == 1 ? column + place.column - 1 : place.column
    }

    private func notJSON(_ reason: String) -> IngestError {
        .notJSON(reading.file, line: line, column: column, reason: reason)
    }

    private func cutShort(_ rest: UnsafeBufferPointer<UInt8>) -> IngestError {
        let place = JSONSyntaxError(reason: "", offset: rest.count).location(in: rest)
        return .jsonCutShort(reading.file, line: line + place.line - 1, column: column(place))
    }

    private mutating func use(_ count: Int) {
        for byte in window.unused[..<count] {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        window.drop(count)
    }

    /// The next byte that is no white space, which becomes the first unused one; nil at the end of the file.
    private mutating func nextByte() throws -> UInt8? {
        while true {
            let unused = window.unused
            let spaces = unused.prefix { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }.count
            let found = spaces < unused.count ? unused[spaces] : nil
            use(spaces)
            if let found { return found }
            guard try fill() else { return nil }
        }
    }

    private mutating func skippedToByte() throws -> UInt8 {
        guard let byte = try nextByte() else { throw cutShort(window.unused) }
        return byte
    }

    private mutating func expectEnd() throws {
        if try nextByte() != nil { throw notJSON("text stands behind the end of the array") }
    }

    private func fill() throws -> Bool {
        do throws(WindowError) {
            return try window.fill()
        } catch {
            throw reading.error(error, line: line)
        }
    }
}
