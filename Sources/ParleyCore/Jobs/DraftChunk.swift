/// Some rows of a job file, ready to be stored: keys and columns lie in one block of bytes.
///
/// A file is carried in such chunks, because a million rows as a million values would spend more time on allocation
/// than on reading. ``Row/input`` is a JSON object of the row's columns in the file's order.
public struct DraftChunk: Sendable {
    public struct Row: Sendable {
        /// The row's own id, UTF-8, in ``DraftChunk/bytes``.
        public var key: Range<Int>
        /// The columns as JSON text, in ``DraftChunk/bytes``.
        public var input: Range<Int>
        /// A long system prompt of the row's own, lifted out of ``input`` (where `null` stands in its place), so that
        /// it is stored once however many rows share it. UTF-8, in ``DraftChunk/bytes``.
        public var system: Range<Int>?
        /// Where the row starts in its file, counted from 1.
        public var line: Int
        /// Which beginning of its prompt it may share with other rows; nil when none that is long enough.
        public var prefix: PrefixKey?

        public init(
            key: Range<Int>, input: Range<Int>, system: Range<Int>? = nil, line: Int,
            prefix: PrefixKey? = nil
        ) {
            self.prefix = prefix
            self.key = key
            self.input = input
            self.system = system
            self.line = line
        }
    }

    public var bytes: [UInt8]
    public var rows: [Row]

    public init(bytes: [UInt8] = [], rows: [Row] = []) {
        self.bytes = bytes
        self.rows = rows
    }

    public subscript(range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}

/// Why a row of a file cannot become a job.
public struct RowProblem: Sendable, Hashable, CustomStringConvertible {
    /// Counted from 1.
    public var line: Int
    public var reason: String

    public init(line: Int, reason: String) {
        self.line = line
        self.reason = reason
    }

    public var description: String { "line \(line): \(reason)" }
}
