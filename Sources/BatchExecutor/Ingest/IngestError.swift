public import ParleyCore

/// Why a file as a whole cannot be enqueued. Nothing of it was stored then.
///
/// Each description is one sentence for the person at the keyboard: where, what, and what to do.
public enum IngestError: Error, Sendable, Hashable {
    /// The most problems that are listed; the rest is counted.
    public static let problemsListedMax = 20

    case noSuchFile(String)
    case isDirectory(String)
    case noPermission(String)
    case unreadable(String, reason: String)
    case empty(String)
    /// A header, an empty array, or blank lines, and no row.
    case noRows(String)
    /// A byte that is not UTF-8. The column counts bytes from 1.
    case notUTF8(String, line: Int, column: Int, byte: UInt8)
    case otherEncoding(String, encoding: String)
    case nulByte(String, line: Int, column: Int)
    /// The line is the one in which the quote was opened.
    case unbalancedQuote(String, line: Int, column: Int)
    case rowTooLong(String, line: Int, bytesMax: Int)
    case jsonCutShort(String, line: Int, column: Int)
    case notJSON(String, line: Int, column: Int, reason: String)
    case notAnArray(String, found: String)
    case badHeader(String, line: Int, reason: String)
    case missingColumn(String, line: Int, column: String, wantedBy: String, available: [String])
    case badTemplate(TemplateError)
    case noModel(String)
    /// A job sheet: the key, if the trouble sits at one.
    case badSheet(String, line: Int, key: String?, reason: String)
    /// A JSON Schema that cannot be used: the file that holds it.
    case badSchema(String, JSONSchemaError)
    case mixedFormats(first: String, other: String)
    /// Rows that cannot become jobs; the first of them, and how many there are.
    case badRows(String, problems: [FileProblem], count: Int)
}

/// A ``RowProblem`` with the file that it stands in.
public struct FileProblem: Sendable, Hashable, CustomStringConvertible {
    public var file: String
    public var problem: RowProblem

    public init(file: String, problem: RowProblem) {
        self.file = file
        self.problem = problem
    }

    public var description: String { "\(file), \(problem)" }
}

extension IngestError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noSuchFile(let file): "\(file): there is no such file"
        case .isDirectory(let file): "\(file) is a folder; name the files in it"
        case .noPermission(let file): "\(file): you have no permission to read this file"
        case .unreadable(let file, let reason): "\(file) cannot be read: \(reason)"
        case .empty(let file): "\(file) is empty"
        case .noRows(let file): "\(file) holds no rows"
        case .notUTF8(let file, let line, let column, let byte):
            "\(file), line \(line), byte \(column): 0x\(String(byte, radix: 16, uppercase: true)) is not UTF-8; save "
                + "the file as UTF-8 (from Windows, for instance: iconv -f WINDOWS-1252 -t UTF-8 FILE)"
        case .otherEncoding(let file, let encoding):
            "\(file) is written in \(encoding); save it as UTF-8 (iconv -f \(encoding) -t UTF-8 FILE)"
        case .nulByte(let file, let line, let column):
            "\(file), line \(line), byte \(column): a NUL byte; the file is UTF-16 or no text at all, save it as UTF-8"
        case .unbalancedQuote(let file, let line, let column):
            "\(file), line \(line), byte \(column): a quote is opened here and never closed, so nobody can tell where "
                + "the row ends; close it, or double each quote that belongs to the text"
        case .rowTooLong(let file, let line, let bytesMax):
            "\(file), line \(line): a row is longer than \(bytesMax / (1 << 20)) MiB; is a quote or a bracket never "
                + "closed?"
        case .jsonCutShort(let file, let line, let column):
            "\(file), line \(line), column \(column): the JSON is cut short; is the file complete?"
        case .notJSON(let file, let line, let column, let reason):
            "\(file), line \(line), column \(column): this is not JSON: \(reason)"
        case .notAnArray(let file, let found):
            "\(file) holds \(found) where an array of rows should stand; for one object a line use --format jsonl"
        case .badHeader(let file, let line, let reason): "\(file), line \(line): \(reason)"
        case .missingColumn(let file, let line, let column, let wantedBy, let available):
            "\(file), line \(line): \(wantedBy) names the column '\(column)', which the file does not have"
                + "\(RowFault.guess(column, among: available)); \(RowFault.listed(available))"
        case .badTemplate(let error): error.description
        case .noModel(let file):
            "\(file): no model is named; say which with --model PROVIDER/MODEL, or in a 'model' column"
        case .badSheet(let file, let line, let key, let reason):
            "\(file):\(line): \(key.map { "\($0): " } ?? "")\(reason)"
        case .badSchema(let file, let error): "\(file): \(error.advice)"
        case .mixedFormats(let first, let other):
            "\(first) and \(other) cannot go into one batch: one is an OpenAI batch file, the other is not"
        case .badRows(let file, let problems, let count):
            Self.listing(of: problems, count: count, in: file)
        }
    }

    private static func listing(of problems: [FileProblem], count: Int, in file: String) -> String {
        let isOneFile = problems.allSatisfy { $0.file == file }
        let lines = problems.map { isOneFile ? "\n  \($0.problem)" : "\n  \($0)" }.joined()
        let rest = count > problems.count ? "\n  and \(count - problems.count) more" : ""
        let rows = count == 1 ? "1 bad row" : "\(count) bad rows"
        return "\(file): \(rows), nothing was added\(lines)\(rest)\n"
            + "Correct \(count == 1 ? "it" : "them"), or leave \(count == 1 ? "it" : "them") out with --skip-bad-rows."
    }
}
