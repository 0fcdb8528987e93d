public import ConversationStore
import Foundation
import ParleyCore

/// Reads the conversations of a file, whatever it is.
public enum SessionImport {
    public enum Format: String, Sendable, CaseIterable {
        /// Found out by the file's content.
        case auto
        /// What `sessions export` writes.
        case jsonl
        /// Objects with `messages`, as chat completions and fine-tuning files have them.
        case openai
        /// The database of the tool `llm`.
        case llm
    }

    /// A larger file is refused: it is read as a whole. A database may be larger.
    public static let fileBytesMax = 1 << 30

    /// All conversations of the file, and those that cannot be taken. Throws an ``ImportProblem`` for a file that cannot be read
    /// at all.
    public static func read(_ path: String, as format: Format = .auto) throws -> ImportedFile {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw ImportProblem(file: path, reason: "there is no such file")
        }
        guard !isFolder.boolValue else {
            throw ImportProblem(file: path, reason: "it is a folder; name the files in it")
        }
        let isDatabase = LLMLog.isDatabase(path)
        if isDatabase, format == .auto || format == .llm { return try LLMLog.read(path) }
        guard !isDatabase else {
            throw ImportProblem(
                file: path, reason: "it is a database, and no \(format.rawValue); leave --format out")
        }
        guard format != .llm else {
            throw ImportProblem(
                file: path, reason: "it is no SQLite database, so it cannot be the logs.db of `llm`")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ImportProblem(file: path, reason: "it cannot be read; check its permissions")
        }
        guard data.count <= fileBytesMax else {
            throw ImportProblem(file: path, reason: "it is larger than 1 GiB; split it")
        }
        return try read(Array(data), path: path, as: format)
    }

    /// As ``read(_:as:)``, for the text of a file.
    public static func read(
        _ bytes: [UInt8], path: String, as format: Format = .auto
    ) throws -> ImportedFile {
        let documents = try ImportedDocuments(bytes, path: path)
        var file = ImportedFile(problems: documents.problems)
        for document in documents.all {
            do throws(ImportFault) {
                file.sessions.append(try session(of: document, as: format))
            } catch {
                let place = [document.place, error.place].filter { !$0.isEmpty }.joined(separator: ", ")
                file.problems.append(ImportProblem(file: path, place: place, reason: error.reason))
            }
        }
        guard !file.sessions.isEmpty || !file.problems.isEmpty else {
            throw ImportProblem(file: path, reason: "there is no conversation in it")
        }
        return file
    }

    private static func session(
        of document: ImportedDocuments.Document, as format: Format
    ) throws(ImportFault) -> ImportedSession {
        let isOurs = document.value["parley"] != nil
        if format == .jsonl || format == .auto && isOurs {
            return try ImportedSession(document: document.value, place: document.place)
        }
        return try ImportedSession(openAI: document.value, place: document.place)
    }
}

/// Why one conversation cannot be taken: where in it, and what is wrong.
struct ImportFault: Error {
    /// `message 3`; empty = the conversation as a whole.
    var place = ""
    var reason: String
}
