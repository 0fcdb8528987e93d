import GRDB
import GRDBSQLite

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What SQLite answered when it refused: its extended code and its own words, which hold no values.
struct SQLiteFailure: Error, Sendable, Equatable {
    let code: Int32
    let message: String

    init(code: Int32, message: String) {
        self.code = code
        self.message = message
    }

    /// The connection's last error.
    init(_ connection: OpaquePointer) {
        self.init(
            code: sqlite3_extended_errcode(connection), message: String(cString: sqlite3_errmsg(connection)),
            systemError: sqlite3_system_errno(connection))
    }

    /// SQLite calls a quota that is used up an error of input or output; to whoever writes it is a full disk.
    init(code: Int32, message: String, systemError: Int32) {
        let isFull = code & 0xFF == SQLITE_IOERR && (systemError == ENOSPC || systemError == EDQUOT)
        self.init(code: isFull ? SQLITE_FULL : code, message: message)
    }

    init(_ error: DatabaseError) {
        code = error.extendedResultCode.rawValue
        message = error.message ?? "error \(code)"
    }

    /// SQLITE_IOERR_SHMSIZE, which C computes and Swift does not see: no room for the `-shm` file.
    private static let noRoomForSharedMemory: Int32 = SQLITE_IOERR | 19 << 8

    var primaryCode: Int32 { code & 0xFF }

    /// Somebody else is in the way: to be tried again, never to be shown. A "locking protocol" error means that a reader
    /// found the log in change a hundred times in a row.
    var isBusy: Bool {
        primaryCode == SQLITE_BUSY || primaryCode == SQLITE_LOCKED || primaryCode == SQLITE_PROTOCOL
    }

    /// There is no room on the disk: to be tried again when there is.
    var isFull: Bool { primaryCode == SQLITE_FULL || code == Self.noRoomForSharedMemory }

    /// Something in the file is not as it must be.
    var isDamage: Bool { primaryCode == SQLITE_CORRUPT }

    /// Whether the trouble lies in one operation alone, so that others in its group may still succeed.
    var isOfOneOperation: Bool {
        switch primaryCode {
        case SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_RANGE, SQLITE_TOOBIG, SQLITE_ERROR: true
        default: false
        }
    }

    func storeError(path: String) -> StoreError {
        switch primaryCode {
        case _ where isFull: .diskFull(path: path)
        case SQLITE_IOERR: .inputOutput(path: path, detail: message)
        case SQLITE_READONLY, SQLITE_PERM: .readOnly(path: path)
        case SQLITE_NOTADB: .notADatabase(path: path)
        case SQLITE_CORRUPT: .damaged(path: path, detail: message)
        case SQLITE_CANTOPEN: .cannotOpen(path: path, reason: message)
        case SQLITE_CONSTRAINT: .lawBroken(detail: message)
        default: .failed(detail: message)
        }
    }
}

extension StoreError {
    /// The store's word for whatever was thrown below it; errors of the caller's own pass as they are.
    static func wrapping(_ error: any Error, path: String) -> any Error {
        switch error {
        case let failure as SQLiteFailure: failure.storeError(path: path)
        case let failure as DatabaseError: SQLiteFailure(failure).storeError(path: path)
        default: error
        }
    }
}
