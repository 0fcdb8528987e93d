import GRDBSQLite

/// A prepared statement that is kept and used over and over.
///
/// It exists beside GRDB's statements for the few places that run millions of times: binding goes straight to
/// SQLite, without a value in between. Not thread-safe: it belongs to its connection's queue.
final class Statement {
    private let handle: OpaquePointer
    private let connection: OpaquePointer

    convenience init(_ sql: StaticString, on connection: OpaquePointer) throws(SQLiteFailure) {
        let length = sql.utf8CodeUnitCount
        try self.init(
            UnsafeRawPointer(sql.utf8Start).assumingMemoryBound(to: CChar.self), length, on: connection)
    }

    /// For a statement whose text is put together, such as one with many rows of values.
    convenience init(composed sql: String, on connection: OpaquePointer) throws(SQLiteFailure) {
        let text = Array(sql.utf8CString)
        try self.init(text, text.count, on: connection)
    }

    private init(
        _ sql: UnsafePointer<CChar>, _ length: Int, on connection: OpaquePointer
    ) throws(SQLiteFailure) {
        var handle: OpaquePointer?
        let code = sqlite3_prepare_v3(
            connection, sql, Int32(length), UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        guard code == SQLITE_OK, let handle else { throw SQLiteFailure(connection) }
        self.handle = handle
        self.connection = connection
    }

    deinit { sqlite3_finalize(handle) }

    var sql: String { String(cString: sqlite3_sql(handle)) }

    /// Runs a statement that gives no rows.
    func run() throws(SQLiteFailure) {
        let code = sqlite3_step(handle)
        guard code == SQLITE_DONE || code == SQLITE_ROW else {
            let failure = SQLiteFailure(connection)
            sqlite3_reset(handle)
            throw failure
        }
        sqlite3_reset(handle)
    }

    /// Moves to the next row; after the last the statement is ready to be used again.
    func step() throws(SQLiteFailure) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE:
            sqlite3_reset(handle)
            return false
        default:
            let failure = SQLiteFailure(connection)
            sqlite3_reset(handle)
            throw failure
        }
    }

    /// Leaves a result before its last row.
    func reset() { sqlite3_reset(handle) }

    /// The first column of the first row, or nil when there is no row.
    func firstInt() throws(SQLiteFailure) -> Int64? {
        guard try step() else { return nil }
        let value = optionalInt(0)
        reset()
        return value
    }
}

// Parameters, counted from 1.
extension Statement {
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(handle, index, value) }

    func bind(_ index: Int32, _ value: Int) { sqlite3_bind_int64(handle, index, Int64(value)) }

    func bind(_ index: Int32, _ flag: Bool) { sqlite3_bind_int64(handle, index, flag ? 1 : 0) }

    func bind(_ index: Int32, _ value: Int64?) {
        if let value { bind(index, value) } else { bindNull(index) }
    }

    func bind(_ index: Int32, _ value: Double?) {
        if let value { sqlite3_bind_double(handle, index, value) } else { bindNull(index) }
    }

    func bind(_ index: Int32, _ text: String) {
        var text = text
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                // An empty string may have no address, which SQLite would take for NULL.
                _ = sqlite3_bind_text(
                    handle, index, characters.baseAddress ?? Self.empty, Int32(characters.count),
                    Self.transient)
            }
        }
    }

    func bind(_ index: Int32, _ text: String?) {
        if let text { bind(index, text) } else { bindNull(index) }
    }

    func bind(_ index: Int32, _ word: StaticString) {
        word.utf8Start.withMemoryRebound(to: CChar.self, capacity: word.utf8CodeUnitCount) {
            _ = sqlite3_bind_text(handle, index, $0, Int32(word.utf8CodeUnitCount), nil)
        }
    }

    func bind(_ index: Int32, _ bytes: [UInt8]) {
        bytes.withUnsafeBytes {
            _ = sqlite3_bind_blob(
                handle, index, $0.baseAddress ?? Self.emptyBytes, Int32($0.count), Self.transient)
        }
    }

    func bindNull(_ index: Int32) { sqlite3_bind_null(handle, index) }

    /// Binds text that is not copied: the bytes must stay where they are until the statement has run.
    func bindBorrowed(_ index: Int32, _ bytes: UnsafeBufferPointer<UInt8>) {
        bytes.withMemoryRebound(to: CChar.self) { characters in
            _ = sqlite3_bind_text(
                handle, index, characters.baseAddress ?? Self.empty, Int32(characters.count), nil)
        }
    }

    private static var empty: UnsafePointer<CChar> {
        let text: StaticString = ""
        return UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    private static var emptyBytes: UnsafeRawPointer { UnsafeRawPointer(empty) }
}

// Columns, counted from 0.
extension Statement {
    func int(_ index: Int32) -> Int64 { sqlite3_column_int64(handle, index) }

    func count(_ index: Int32) -> Int { Int(sqlite3_column_int64(handle, index)) }

    func isNull(_ index: Int32) -> Bool { sqlite3_column_type(handle, index) == SQLITE_NULL }

    func optionalInt(_ index: Int32) -> Int64? { isNull(index) ? nil : int(index) }

    func optionalDouble(_ index: Int32) -> Double? {
        isNull(index) ? nil : sqlite3_column_double(handle, index)
    }

    func text(_ index: Int32) -> String {
        String(decoding: borrowedText(index), as: UTF8.self)
    }

    func optionalText(_ index: Int32) -> String? { isNull(index) ? nil : text(index) }

    func bytes(_ index: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(handle, index) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, index))))
    }

    /// The column's bytes where SQLite has them; valid until the next step.
    func borrowedText(_ index: Int32) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(
            start: sqlite3_column_text(handle, index), count: Int(sqlite3_column_bytes(handle, index)))
    }
}
