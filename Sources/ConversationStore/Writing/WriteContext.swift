import Crypto
import ParleyCore

/// What an operation of the writer works with: the connection, and what the group has gathered so far.
final class WriteContext {
    let connection: Connection
    var rollups = RollupSums()
    /// How often a budget's standing was told; see ``BudgetStanding/number``.
    var words: UInt64 = 0
    private var recentTexts: [(text: String, id: Int64)] = []

    /// A batch has one system prompt and a job file seldom more than a few: so many are found without
    /// hashing.
    static let recentTextsMax = 8

    init(_ connection: Connection) { self.connection = connection }

    func statement(_ sql: StaticString) throws(SQLiteFailure) -> Statement { try connection.statement(sql) }

    /// The state of the file that ``recentTexts`` were read from; see ``lookAtOthers()``.
    private var dataVersion: Int64 = -1

    /// At the beginning of a transaction: if another connection has written since, a text that was known may have been
    /// removed, and its number given to another one.
    func lookAtOthers() throws(SQLiteFailure) {
        let version = try statement("PRAGMA data_version").firstInt() ?? -1
        if version != dataVersion { forgetTexts() }
        dataVersion = version
    }

    func forgetTexts() { recentTexts.removeAll(keepingCapacity: true) }

    /// Forgets what a transaction that was rolled back had gathered.
    func forget() {
        rollups.removeAll()
        recentTexts.removeAll(keepingCapacity: true)
    }

    /// The row of `contents` that holds this text; it is made if there is none.
    func contentID(of text: String) throws -> Int64 {
        if let known = recentTexts.first(where: { $0.text == text }) { return known.id }
        var text = text
        let id = try text.withUTF8 { try contentID(of: $0) }
        if recentTexts.count == Self.recentTextsMax { recentTexts.removeFirst() }
        recentTexts.append((text, id))
        return id
    }

    func contentID(of text: UnsafeBufferPointer<UInt8>) throws(SQLiteFailure) -> Int64 {
        let hash = Array(SHA256.hash(data: text))
        let find = try statement("SELECT id FROM contents WHERE sha256 = ?1")
        find.bind(1, hash)
        if let id = try find.firstInt() { return id }
        let insert = try statement("INSERT INTO contents (sha256, text) VALUES (?1, ?2)")
        insert.bind(1, hash)
        insert.bindBorrowed(2, text)
        try insert.run()
        return connection.lastInsertedID
    }
}
