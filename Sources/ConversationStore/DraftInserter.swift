public import ParleyCore

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Takes the rows of a file into one batch, inside the one transaction of an enqueueing.
///
/// A row whose id the batch holds already is no error while it says the same; one that says something else, and an id
/// that the file has twice, are collected in ``problems`` and left out. Whoever wants all or nothing throws when
/// there are problems.
public struct DraftInserter {
    /// So many problems are kept word for word; more are counted.
    public static let problemsKept = 20

    /// The first rows that could not be taken.
    public private(set) var problems: [RowProblem] = []
    public private(set) var problemsCount = 0
    /// Rows that became jobs.
    public private(set) var new = 0
    /// Rows that the batch held already, word for word.
    public private(set) var known = 0

    /// The first and the last job that were made.
    private(set) var firstJob: Int64?
    private(set) var lastJob: Int64?

    private let context: WriteContext
    private let batchName: String
    private let batch: Int64
    private let insert: Statement
    private let find: Statement
    private var lastSystem: (text: [UInt8], id: Int64)?

    init(batch: Int64, name: String, context: WriteContext) throws {
        self.context = context
        self.batch = batch
        batchName = name
        insert = try context.statement(
            """
            INSERT INTO jobs (batch_id, job_key, line, input, system_id) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (batch_id, job_key) DO NOTHING
            """)
        find = try context.statement(
            "SELECT id, line, input, system_id FROM jobs WHERE batch_id = ?1 AND job_key = ?2")
        insert.bind(1, batch)
        find.bind(1, batch)
    }

    /// Takes the rows of a chunk, in order. The bytes go to SQLite from where they lie.
    public mutating func insert(_ chunk: DraftChunk) throws {
        try chunk.bytes.withUnsafeBufferPointer { bytes in
            for row in chunk.rows { try insert(row, of: bytes) }
        }
    }

    private mutating func insert(_ row: DraftChunk.Row, of bytes: UnsafeBufferPointer<UInt8>) throws {
        let system = try row.system.map { try contentID(of: bytes[within: $0]) }
        insert.bindBorrowed(2, bytes[within: row.key])
        insert.bind(3, row.line)
        insert.bindBorrowed(4, bytes[within: row.input])
        insert.bind(5, system)
        try insert.run()
        guard context.connection.changes == 0 else {
            lastJob = context.connection.lastInsertedID
            if firstJob == nil { firstJob = lastJob }
            new += 1
            return
        }
        try compare(row, system: system, of: bytes)
    }

    /// Weighs a row against the job that has its id already.
    private mutating func compare(
        _ row: DraftChunk.Row, system: Int64?, of bytes: UnsafeBufferPointer<UInt8>
    ) throws {
        find.bindBorrowed(2, bytes[within: row.key])
        guard try find.step() else { preconditionFailure("the row in conflict is not there") }
        defer { find.reset() }
        if let firstJob, find.int(0) >= firstJob {
            report(row, "the id '\(key(of: row, bytes))' appears twice (first on line \(find.int(1)))")
        } else if find.optionalInt(3) == system, find.borrowedText(2).equals(bytes[within: row.input]) {
            known += 1
        } else {
            report(
                row, "row '\(key(of: row, bytes))' differs from what batch '\(batchName)' holds under that id"
            )
        }
    }

    private func key(of row: DraftChunk.Row, _ bytes: UnsafeBufferPointer<UInt8>) -> String {
        String(decoding: bytes[within: row.key], as: UTF8.self)
    }

    private mutating func report(_ row: DraftChunk.Row, _ reason: String) {
        problemsCount += 1
        if problems.count < Self.problemsKept { problems.append(RowProblem(line: row.line, reason: reason)) }
    }

    /// Rows that share a system prompt mostly follow each other.
    private mutating func contentID(of text: UnsafeBufferPointer<UInt8>) throws -> Int64 {
        if let lastSystem, lastSystem.text.withUnsafeBufferPointer({ $0.equals(text) }) {
            return lastSystem.id
        }
        let id = try context.contentID(of: text)
        lastSystem = (Array(text), id)
        return id
    }
}

extension UnsafeBufferPointer<UInt8> {
    fileprivate subscript(within range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: self[range])
    }

    fileprivate func equals(_ other: UnsafeBufferPointer<UInt8>) -> Bool {
        count == other.count && (count == 0 || memcmp(baseAddress!, other.baseAddress!, count) == 0)
    }
}
