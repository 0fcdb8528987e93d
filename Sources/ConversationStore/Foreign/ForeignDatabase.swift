import Foundation
import GRDBSQLite
import ParleyCore

/// Another program's SQLite database, which is read and never written to: no byte of it, and no file beside it.
///
/// A database in WAL mode that nobody has open is read as it lies, without locks (`immutable=1`): to open it in the usual way
/// would make a `-wal` and a `-shm` file beside it, or fail where the folder cannot be written to. If there is a log that has
/// not been emptied into it, both are copied to a temporary folder and read there.
final class ForeignDatabase {
    private let handle: OpaquePointer
    private let path: String
    private let folder: URL?

    init(_ path: String) throws {
        self.path = path
        var folder: URL?
        var uri = Self.uri(path) + "?mode=ro"
        if Self.isInWALMode(path) {
            if Self.size(of: path + "-wal") > 0 {
                let copy = try Self.copy(path)
                folder = copy
                uri = Self.uri(copy.appending(path: "copy.db").path)
            } else {
                uri += "&immutable=1"
            }
        }
        self.folder = folder
        var handle: OpaquePointer?
        let code = sqlite3_open_v2(uri, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI, nil)
        guard code == SQLITE_OK, let handle else {
            defer { sqlite3_close_v2(handle) }
            if let folder { try? FileManager.default.removeItem(at: folder) }
            throw ImportProblem(
                file: path, reason: handle.map { SQLiteFailure($0).message } ?? "out of memory")
        }
        self.handle = handle
        sqlite3_busy_timeout(handle, Self.patienceMilliseconds)
    }

    deinit {
        sqlite3_close_v2(handle)
        if let folder { try? FileManager.default.removeItem(at: folder) }
    }

    /// How long a lock of the other program is waited for.
    private static let patienceMilliseconds: Int32 = 10_000

    /// Gives each row of a query.
    func rows(_ sql: String, each: (Statement) throws -> Void) throws {
        do {
            let statement = try Statement(composed: sql, on: handle)
            while try statement.step() { try each(statement) }
        } catch let failure as SQLiteFailure {
            throw ImportProblem(file: path, reason: "it cannot be read as a database: \(failure.message)")
        }
    }

    /// The names of a table's columns; none where there is no such table.
    func columns(of table: String) throws -> Set<String> {
        var names: Set<String> = []
        try rows("SELECT name FROM pragma_table_info('\(table)')") { names.insert($0.text(0)) }
        return names
    }

    /// Whether the file begins as an SQLite database does.
    static func isDatabase(_ path: String) -> Bool {
        header(of: path).starts(with: Array("SQLite format 3\0".utf8))
    }

    private static func header(of path: String) -> [UInt8] {
        guard let file = FileHandle(forReadingAtPath: path) else { return [] }
        defer { try? file.close() }
        return Array((try? file.read(upToCount: 100)) ?? Data())
    }

    /// The bytes 18 and 19 are the versions of writing and reading: 2 = WAL (sqlite.org/fileformat2.html).
    private static func isInWALMode(_ path: String) -> Bool {
        let header = header(of: path)
        return header.count > 19 && header[18] == 2
    }

    private static func size(of path: String) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? NSNumber)?.intValue ?? 0
    }

    private static func copy(_ path: String) throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "parley-import-\(UUID().uuidString)")
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            for ending in ["", "-wal"] {
                try FileManager.default.copyItem(
                    atPath: path + ending, toPath: folder.path + "/copy.db" + ending)
            }
            return folder
        } catch {
            try? FileManager.default.removeItem(at: folder)
            throw ImportProblem(file: path, reason: "it cannot be copied to \(folder.path)")
        }
    }

    private static func uri(_ path: String) -> String {
        let plain = CharacterSet(charactersIn: "/-._~").union(.alphanumerics)
        let absolute = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        return "file:" + (absolute.addingPercentEncoding(withAllowedCharacters: plain) ?? absolute)
    }
}
