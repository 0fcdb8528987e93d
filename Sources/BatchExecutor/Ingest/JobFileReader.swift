import ParleyCore

/// An open job file: finds out its format and reads its rows into chunks.
struct JobFileReader {
    /// How much of a file is looked at to find out its format.
    static let sniffBytes = 64 << 10

    let file: JobFile
    /// Never `auto`.
    let format: JobFileFormat
    private let window: ByteWindow

    /// Opens the file and reads its first bytes.
    init(opening file: JobFile) throws {
        let source: any ByteSource
        switch file.origin {
        case .path(let path): source = try FileBytes(opening: path, named: file.name)
        case .standardInput: source = try FileBytes(standardInputNamed: file.name)
        case .rows: source = MemoryBytes([])
        }
        try self.init(file, window: ByteWindow(source))
    }

    init(_ file: JobFile, window: ByteWindow) throws {
        self.file = file
        self.window = window
        if case .rows = file.origin {
            format = .json
            return
        }
        var firstLineIsThere = false
        do throws(WindowError) {
            while !firstLineIsThere, window.unused.count < Self.sniffBytes, try window.fill() {
                firstLineIsThere = window.unused.contains(UInt8(ascii: "\n"))
            }
        } catch {
            if case .unreadable(let reason) = error { throw reason }
            throw error
        }
        let start = window.unused
        guard !start.isEmpty else { throw IngestError.empty(file.name) }
        if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) {
            throw IngestError.otherEncoding(file.name, encoding: "UTF-16")
        }
        format =
            if file.format != .auto {
                file.format
            } else {
                JobFileFormat.named(by: file.name) ?? JobFileFormat.sniffed(from: start)
            }
        if start.starts(with: [0xEF, 0xBB, 0xBF]) { window.drop(3) }
    }

    /// How the rows have to be understood.
    var rowFormat: BatchSettings.RowFormat { format == .openAIBatch ? .openAIBatch : .columns }

    /// Reads all rows; can be done once.
    func read(_ reading: RowReading, into builder: inout ChunkBuilder) throws {
        if case .rows(let rows) = file.origin {
            var writer = ObjectRowWriter(reading: reading)
            for row in rows { try writer.write(row.value, line: row.line, into: &builder) }
            guard !rows.isEmpty else { throw IngestError.noRows(file.name) }
            return try builder.flush()
        }
        switch format {
        case .csv, .auto:
            var reader = CSVReader(window, reading: reading)
            try reader.read(into: &builder)
        case .tsv:
            var reader = CSVReader(window, separator: UInt8(ascii: "\t"), reading: reading)
            try reader.read(into: &builder)
        case .json:
            var reader = JSONArrayReader(window, reading: reading)
            try reader.read(into: &builder)
        case .jsonl, .openAIBatch:
            var reader = JSONLinesReader(window, reading: reading)
            try reader.read(into: &builder)
        case .job:
            throw IngestError.badSheet(
                file.name, line: 1, key: nil, reason: "a job sheet can be named alone, not among other files")
        }
    }
}
