import Foundation
import ParleyCore

@testable import BatchExecutor

/// What a reader made of a text.
struct ReadRows: Equatable {
    struct Row: Equatable {
        var key: String
        var input: String
        var system: String?
        var line: Int
        var prefix: PrefixKey?
    }

    var rows: [Row] = []
    var problems: [RowProblem] = []

    var keys: [String] { rows.map(\.key) }
    var inputs: [String] { rows.map(\.input) }

    /// Reads the text as a file of that format would be read.
    ///
    /// - Parameter piece: the most bytes that the file gives at a time.
    static func of(
        _ text: some Sequence<UInt8>, as format: JobFileFormat = .csv, settings: BatchSettings = .fixture(),
        idColumn: String? = nil, skipsBadRows: Bool = false, piece: Int = .max,
        rowBytesMax: Int = ByteWindow.rowBytesMax
    ) throws -> ReadRows {
        let window = ByteWindow(
            MemoryBytes(text, pieceBytesMax: piece), blockBytes: min(piece, ByteWindow.blockBytes),
            rowBytesMax: rowBytesMax)
        let reader = try JobFileReader(JobFile("rows", format: format), window: window)
        var settings = settings
        settings.rowFormat = reader.rowFormat
        let reading = RowReading(
            file: "rows", requests: try JobRequest(settings: settings), idColumn: idColumn,
            skipsBadRows: skipsBadRows)
        var result = ReadRows()
        var builder = ChunkBuilder { chunk in
            result.rows += chunk.rows.map { row in
                Row(
                    key: chunk[row.key], input: chunk[row.input], system: row.system.map { chunk[$0] },
                    line: row.line, prefix: row.prefix)
            }
        }
        try reader.read(reading, into: &builder)
        result.problems = builder.problems.first
        return result
    }

    static func of(
        _ text: String, as format: JobFileFormat = .csv, settings: BatchSettings = .fixture(),
        idColumn: String? = nil,
        skipsBadRows: Bool = false, piece: Int = .max
    ) throws -> ReadRows {
        try of(
            text.utf8, as: format, settings: settings, idColumn: idColumn, skipsBadRows: skipsBadRows,
            piece: piece)
    }

    /// The sentence with which the reading ends, or "" when it does not.
    static func refusal(
        of text: some Sequence<UInt8>, as format: JobFileFormat = .csv, settings: BatchSettings = .fixture(),
        skipsBadRows: Bool = false
    ) -> String {
        do {
            _ = try of(text, as: format, settings: settings, skipsBadRows: skipsBadRows)
            return ""
        } catch {
            return "\(error)"
        }
    }

    static func refusal(
        of text: String, as format: JobFileFormat = .csv, settings: BatchSettings = .fixture(),
        skipsBadRows: Bool = false
    ) -> String {
        refusal(of: text.utf8, as: format, settings: settings, skipsBadRows: skipsBadRows)
    }
}

extension BatchSettings {
    static func fixture(
        model: String? = "simulator/sim-small", system: String? = nil, prompt: String? = nil
    ) -> BatchSettings {
        BatchSettings(model: model.flatMap { ModelName($0) }, system: system, promptTemplate: prompt)
    }
}

/// A folder of its own for a test, gone when the test is over.
final class Folder {
    let path = NSTemporaryDirectory() + "parley-" + UUID().uuidString

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and gives its path.
    func file(_ name: String, _ text: String) throws -> String {
        let path = path + "/" + name
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    func text(of name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)), as: UTF8.self)
    }

    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
}
