public import ParleyCore

/// Writes the answers of a batch one after the other, in the form that `results --format` names.
///
/// It holds one answer at a time; whoever makes it says where the bytes go. ``finish()`` writes what closes the text,
/// and without any answer it still leaves a valid, empty document.
public struct AnswerWriter {
    public enum Format: String, Sendable, Hashable, CaseIterable {
        /// ``Answer/json``, one a line.
        case jsonl
        /// An array of ``Answer/json``.
        case json
        /// A table with the input's own columns first; see ``AnswerTable``.
        case csv
        /// The form of OpenAI's batch output files; see ``OpenAIBatchLine``.
        case openAIBatch = "openai-batch"
    }

    /// Gets pieces of some ten kilobytes; what it throws ends the writing.
    public typealias Sink = (borrowing [UInt8]) throws -> Void

    /// Bytes that are collected before they are handed on.
    static let pieceBytes = 64 << 10

    public let format: Format
    private let table: AnswerTable
    private let sink: Sink
    private var buffer: [UInt8] = []
    private var hasStarted = false

    /// - Parameter columns: the columns of the table; only `csv` needs them, and has to know them all before the first
    ///   answer. See ``AnswerColumns``.
    public init(format: Format, columns: AnswerColumns = AnswerColumns(), sink: @escaping Sink) {
        self.format = format
        self.sink = sink
        table = AnswerTable(columns: columns)
        buffer.reserveCapacity(Self.pieceBytes + 4096)
    }

    public mutating func write(_ answer: Answer) throws {
        start()
        switch format {
        case .jsonl: append(answer.json)
        case .json:
            buffer.append(contentsOf: (hasStarted ? ",\n" : "\n").utf8)
            buffer.append(contentsOf: answer.json.bytes())
        case .csv: table.appendRow(of: answer, to: &buffer)
        case .openAIBatch: append(OpenAIBatchLine.json(of: answer))
        }
        hasStarted = true
        if buffer.count >= Self.pieceBytes { try flush() }
    }

    /// Closes the text and hands on what is left. Nothing may be written after it.
    public mutating func finish() throws {
        start()
        if format == .json { buffer.append(contentsOf: (hasStarted ? "\n]\n" : "]\n").utf8) }
        try flush()
    }

    private var hasOpened = false

    private mutating func start() {
        guard !hasOpened else { return }
        hasOpened = true
        switch format {
        case .json: buffer.append(UInt8(ascii: "["))
        case .csv: table.appendHeader(to: &buffer)
        case .jsonl, .openAIBatch: break
        }
    }

    private mutating func append(_ line: JSON) {
        buffer.append(contentsOf: line.bytes())
        buffer.append(UInt8(ascii: "\n"))
    }

    private mutating func flush() throws {
        guard !buffer.isEmpty else { return }
        try sink(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
