import Foundation
import GRDB
import GRDBSQLite
import Migrations
import ParleyCore

/// The file of a database before it is opened: makes it with narrow permissions, and tells what it is.
///
/// Somebody else's database is looked at without changing a byte of it.
struct DatabaseFile {
    /// "parl" in ASCII, in the header of every database of ours.
    static let applicationID: Int32 = 0x7061_726C

    let path: String

    enum Content: Equatable {
        case nothing
        /// `version` counts the migrations that were applied.
        case store(version: Int)
    }

    var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// Makes the directories (0700) and an empty file (0600) where there are none. SQLite gives its `-wal`
    /// and `-shm` files the permissions of the file.
    func create() throws(StoreError) {
        let directory = (path as NSString).deletingLastPathComponent
        do {
            if !directory.isEmpty {
                try FileManager.default.createDirectory(
                    atPath: directory, withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700])
            }
        } catch {
            throw .cannotOpen(path: path, reason: "its directory cannot be made")
        }
        try Self.createEmpty(path)
    }

    /// Makes an empty file that its owner alone can read; one that exists is left as it is.
    static func createEmpty(_ path: String) throws(StoreError) {
        let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            switch errno {
            case EACCES, EPERM, EROFS: throw .readOnly(path: path)
            case ENOSPC, EDQUOT: throw .diskFull(path: path)
            default: throw .cannotOpen(path: path, reason: String(cString: strerror(errno)))
            }
        }
        close(descriptor)
    }

    /// A file without any write permission was protected on purpose: not even root writes to it.
    func refuseIfProtected() throws(StoreError) {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .cannotOpen(path: path, reason: "it is no regular file")
        }
        guard status.st_mode & 0o222 != 0 else { throw .readOnly(path: path) }
        // Also the owner of everything cannot write where the file system is read-only.
        if access(path, W_OK) != 0, errno == EROFS || errno == EACCES { throw .readOnly(path: path) }
    }

    /// Looks what the file holds; refuses what is not ours or newer than this program.
    func inspect() throws -> Content {
        var status = stat()
        guard stat(path, &status) == 0, status.st_size > 0 else { return .nothing }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = Patience.busyMode
        let file = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? file.close() }
        return try file.read { database in try content(of: database) }
    }

    private func content(of database: Database) throws -> Content {
        let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        if tables == 0 { return .nothing }
        let application = try Int32.fetchOne(database, sql: "PRAGMA application_id")
        guard application == Self.applicationID else { throw StoreError.foreignDatabase(path: path) }
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        return .store(version: version)
    }
}
