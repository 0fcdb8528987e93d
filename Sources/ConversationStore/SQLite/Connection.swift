import GRDBSQLite

/// One connection and the statements that are prepared on it.
///
/// A statement is found again by the address of its literal, so its SQL stands where it is used and is parsed
/// once. Not thread-safe: it belongs to its connection's queue.
final class Connection {
    let handle: OpaquePointer
    private var statements: [UnsafeRawPointer: Statement] = [:]

    init(_ handle: OpaquePointer) { self.handle = handle }

    /// The statement for this literal, prepared at the first use.
    func statement(_ sql: StaticString) throws(SQLiteFailure) -> Statement {
        let address = UnsafeRawPointer(sql.utf8Start)
        if let statement = statements[address] { return statement }
        let statement = try Statement(sql, on: handle)
        statements[address] = statement
        return statement
    }

    /// Runs a statement that takes and gives nothing, such as `COMMIT`.
    func run(_ sql: StaticString) throws(SQLiteFailure) { try statement(sql).run() }

    /// Frees all statements, so that the connection can be closed.
    func finalizeStatements() { statements = [:] }

    /// What has been prepared so far, so that a test can look at every plan.
    var preparedSQL: [String] { statements.values.map(\.sql).sorted() }

    /// The rows that the last statement changed.
    var changes: Int { Int(sqlite3_changes64(handle)) }

    /// All rows changed since the connection was opened; a difference of zero means that there is nothing to
    /// undo.
    var changesTotal: Int64 { sqlite3_total_changes64(handle) }

    var lastInsertedID: Int64 { sqlite3_last_insert_rowid(handle) }

    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }
}
