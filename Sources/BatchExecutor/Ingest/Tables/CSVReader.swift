import ParleyCore

/// Reads a table row by row and writes each as JSON into chunks, without holding more than a window of the file.
///
/// Rows that cannot become jobs are noted and passed over. What makes it impossible to say where the next row starts (a
/// quote that is never closed, a row beyond the limit) ends the reading, whether or not bad rows may be skipped. Bytes
/// that are not UTF-8 end it too unless they may: then only their row is left out.
struct CSVReader {
    private let window: ByteWindow
    private let reading: RowReading
    private var scanner: CSVScanner
    /// Of the next record, counted from 1.
    private var line: Int = 1

    init(_ window: ByteWindow, separator: UInt8 = UInt8(ascii: ","), reading: RowReading) {
        self.window = window
        self.reading = reading
        scanner = CSVScanner(separator: separator, cellsMax: TableColumns.columnsMax + 1)
    }

    /// Reads the whole file.
    mutating func read(into builder: inout ChunkBuilder) throws {
        guard let header = try next() else { throw IngestError.noRows(reading.file) }
        let columns = try readHeader(header)
        var check = try TableRowCheck(columns, line: header.line, reading: reading)
        var hasRows = false
        while let record = try next() {
            hasRows = true
            builder.begin()
            if let reason = try fault(of: record, columns) {
                builder.refuse(line: record.line, reason)
            } else {
                try CSVRowWriter(columns: columns, reading: reading, line: record.line)
                    .write(CSVRow(base: window.base, cells: scanner.cells), &check, into: &builder)
            }
            window.advance(to: record.next)
        }
        guard hasRows else { throw IngestError.noRows(reading.file) }
        try builder.flush()
    }

    private struct Record {
        var start: Int
        var next: Int
        var line: Int
        /// The cell behind whose closing quote text stands.
        var brokenCell: Int?
    }

    /// Finds the next record that is no blank line; its cells stand in the scanner, and the window stays at its start.
    private mutating func next() throws -> Record? {
        while true {
            guard window.start < window.end else {
                guard try fill() else { return nil }
                continue
            }
            let start = window.start
            let outcome = scanner.scan(window.base, from: start, to: window.end, isAtEnd: window.isAtEnd)
            switch outcome {
            case .incomplete: _ = try fill()
            case .unbalanced(let index, let lines):
                throw IngestError.unbalancedQuote(
                    reading.file, line: line + lines, column: column(of: index, in: start))
            case .record(let next, let lines):
                let record = Record(start: start, next: next, line: line)
                line += lines
                if !scanner.isBlank { return record }
                window.advance(to: next)
            case .textAfterQuote(let cell, let next, let lines):
                let record = Record(start: start, next: next, line: line, brokenCell: cell)
                line += lines
                return record
            }
        }
    }

    private func fill() throws -> Bool {
        do throws(WindowError) {
            return try window.fill()
        } catch {
            throw reading.error(error, line: line)
        }
    }

    private func readHeader(_ record: Record) throws -> TableColumns {
        if let cell = record.brokenCell {
            throw IngestError.badHeader(
                reading.file, line: record.line,
                reason: "text stands behind the closing quote of column \(cell + 1) of the header")
        }
        for cell in scanner.cells { try checkEncoding(of: cell, in: record) }
        var names: [String] = []
        for cell in scanner.cells {
            var arena = ByteArena(capacity: cell.count)
            cell.appendText(window.base, to: &arena)
            names.append(String(decoding: arena.bytes(in: 0..<arena.count), as: UTF8.self))
        }
        let columns = try TableColumns(header: names, line: record.line, reading: reading)
        window.advance(to: record.next)
        return columns
    }

    /// What makes the record no row of the table; throws what the whole file cannot get over.
    private func fault(of record: Record, _ columns: TableColumns) throws -> String? {
        for cell in scanner.cells where !cell.traits.isDisjoint(with: [.high, .nul]) {
            do {
                try checkEncoding(of: cell, in: record)
            } catch let error as IngestError {
                guard reading.skipsBadRows else { throw error }
                return error.isNUL ? "it holds a NUL byte" : "it is not UTF-8"
            }
        }
        if let cell = record.brokenCell {
            let name = cell < columns.names.count ? "column '\(columns.names[cell])'" : "column \(cell + 1)"
            return
                "text stands behind the closing quote of \(name); double each quote that belongs to the text"
        }
        let count = scanner.cellsCount
        guard count == columns.names.count else {
            let more = count > columns.names.count
            return
                "it has \(count) \(count == 1 ? "field" : "fields"), the header has \(columns.names.count); "
                + (more ? "put quotes around a text with separators in it" : "the row is cut short")
        }
        return nil
    }

    private func checkEncoding(of cell: CSVScanner.Cell, in record: Record) throws {
        let bytes = UnsafeBufferPointer(start: window.base + cell.start, count: cell.count)
        if cell.traits.contains(.nul), let index = bytes.firstIndex(of: 0) {
            let place = place(of: cell.start + index, in: record)
            throw IngestError.nulByte(reading.file, line: place.line, column: place.column)
        }
        if cell.traits.contains(.high), let index = UTF8Check.firstInvalid(in: bytes) {
            let place = place(of: cell.start + index, in: record)
            throw IngestError.notUTF8(
                reading.file, line: place.line, column: place.column, byte: bytes[index])
        }
    }

    /// The line and the byte in it, both counted from 1.
    private func place(of index: Int, in record: Record) -> (line: Int, column: Int) {
        var lines = 0
        var position = record.start
        while position < index {
            let byte = window.base[position]
            position += 1
            if byte == 0x0A || byte == 0x0D && window.base[position] != 0x0A { lines += 1 }
        }
        return (record.line + lines, column(of: index, in: record.start))
    }

    /// The byte in its line, counted from 1. Only the first line of a file can start before the window, and only by the
    /// three bytes of a byte-order mark.
    private func column(of index: Int, in start: Int) -> Int {
        var lineStart = index
        while lineStart > start, window.base[lineStart - 1] != 0x0A, window.base[lineStart - 1] != 0x0D {
            lineStart -= 1
        }
        return index - lineStart + 1
    }
}

extension IngestError {
    var isNUL: Bool { if case .nulByte = self { true } else { false } }
}
