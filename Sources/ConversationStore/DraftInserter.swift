public import ParleyCore

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Takes the rows of a file into one batch, inside the one transaction of an enqueueing.
///
/// A row whose id the batch holds already is no error while it says the same; one that says something else,
/// and an id that the file has twice, are collected in ``problems`` and left out. Whoever wants all or
/// nothing throws when there are problems.
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
    private let one: Statement
    private let many: Statement
    private let find: Statement
    private var lastSystem: (text: [UInt8], id: Int64)?

    /// Rows that one statement inserts: each execution opens the table and all its indexes, which for a
    /// single row is half of the work.
    static let rowsAtOnce = 64

    init(batch: Int64, name: String, context: WriteContext) throws {
        self.context = context
        batchName = name
        one = try Statement(composed: Self.insertion(ofRows: 1), on: context.connection.handle)
        many = try Statement(composed: Self.insertion(ofRows: Self.rowsAtOnce), on: context.connection.handle)
        find = try context.statement(
            "SELECT id, line, input, system_id FROM jobs WHERE batch_id = ?1 AND job_key = ?2")
        for statement in [one, many, find] { statement.bind(1, batch) }
    }

    private static func insertion(ofRows count: Int) -> String {
        let row = "(?1, ?, ?, ?, ?, ?)"
        return """
            INSERT INTO jobs (batch_id, job_key, line, input, system_id, prefix)
            VALUES \(Array(repeating: row, count: count).joined(separator: ", "))
            ON CONFLICT (batch_id, job_key) DO NOTHING
            """
    }

    /// Takes the rows of a chunk, in order. The bytes go to SQLite from where they lie.
    public mutating func insert(_ chunk: DraftChunk) throws {
        try chunk.bytes.withUnsafeBufferPointer { bytes in
            var rest = chunk.rows[...]
            while rest.count >= Self.rowsAtOnce {
                try insert(rest.prefix(Self.rowsAtOnce), of: bytes, by: many)
                rest = rest.dropFirst(Self.rowsAtOnce)
            }
            for index in rest.indices { try insert(rest[index...index], of: bytes, by: one) }
        }
    }

    private mutating func insert(
        _ rows: ArraySlice<DraftChunk.Row>, of bytes: UnsafeBufferPointer<UInt8>, by statement: Statement
    ) throws {
        var parameter: Int32 = 2
        for row in rows {
            statement.bindBorrowed(parameter, bytes[within: row.key])
            statement.bind(parameter + 1, row.line)
            statement.bindBorrowed(parameter + 2, bytes[within: row.input])
            statement.bind(parameter + 3, try row.system.map { try contentID(of: bytes[within: $0]) })
            statement.bind(parameter + 4, row.prefix?.number)
            parameter += 5
        }
        try statement.run()
        let inserted = context.connection.changes
        if inserted > 0 {
            let last = context.connection.lastInsertedID
            lastJob = last
            if firstJob == nil { firstJob = last - Int64(inserted) + 1 }
            new += inserted
        }
        if inserted < rows.count { try weigh(rows, of: bytes, inserted: inserted) }
    }

    /// Finds out which rows of a statement were left out, and why. New jobs have the highest numbers, without
    /// gaps.
    private mutating func weigh(
        _ rows: ArraySlice<DraftChunk.Row>, of bytes: UnsafeBufferPointer<UInt8>, inserted: Int
    ) throws {
        let firstNew = inserted > 0 ? context.connection.lastInsertedID - Int64(inserted) + 1 : .max
        var seen: Set<Int64> = []
        for row in rows {
            find.bindBorrowed(2, bytes[within: row.key])
            guard try find.step() else { preconditionFailure("a row in conflict is not there") }
            defer { find.reset() }
            let isNew = find.int(0) >= firstNew && seen.insert(find.int(0)).inserted
            if !isNew { try compare(row, of: bytes) }
        }
    }

    /// Weighs a row against the job that has its id already, and which `find` stands on.
    private mutating func compare(
        _ row: DraftChunk.Row, of bytes: UnsafeBufferPointer<UInt8>
    ) throws {
        if let firstJob, find.int(0) >= firstJob {
            let line = find.int(1)
            report(row, "the id '\(key(of: row, bytes))' appears twice (first on line \(line))")
            return
        }
        let system = try row.system.map { try contentID(of: bytes[within: $0]) }
        if find.optionalInt(3) == system, find.borrowedText(2).equals(bytes[within: row.input]) {
            known += 1
        } else {
            let key = key(of: row, bytes)
            report(row, "row '\(key)' differs from what batch '\(batchName)' holds under that id")
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
