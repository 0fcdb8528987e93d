import Foundation
import GRDB
import Migrations
public import ParleyCore
import Synchronization

/// The memory: conversations, the queue, the ledger and the bill, in one SQLite file.
///
/// Everything that writes joins one queue and is answered after its commit (see ``GroupCommitWriter``);
/// readers see a snapshot and never wait for the writer. Several processes may have the same file open.
public final class Store: Sendable {
    public let path: String
    /// 12 hex digits, random for each database and made with it: a part of every idempotency key.
    public let identity: String

    let pool: DatabasePool
    let writer: GroupCommitWriter
    let time: TimeSource
    let liveness: WorkerLiveness
    let isReadOnly: Bool
    /// What this store has seen of the workers.
    let leaseWatch = Mutex(LeaseWatch())
    let gates: StartGates

    init(
        path: String, pool: DatabasePool, time: TimeSource, liveness: WorkerLiveness, isReadOnly: Bool
    ) throws {
        self.path = path
        self.pool = pool
        self.time = time
        self.liveness = liveness
        self.isReadOnly = isReadOnly
        gates = StartGates(databasePath: path)
        writer = GroupCommitWriter(pool: pool, path: path)
        identity = try pool.read { database in
            try String.fetchOne(database, sql: "SELECT identity FROM store") ?? ""
        }
    }

    /// Opens the database for reading and writing; makes it where there is none and brings its schema up to
    /// date, after a copy has been put beside it.
    public static func open(
        at path: String, time: TimeSource = .system, liveness: WorkerLiveness = .system
    ) async throws(StoreError) -> Store {
        try open(at: path, time: time, liveness: liveness, migrations: Migration.all)
    }

    /// Opens the database for reports; it must exist and be up to date.
    public static func openReadOnly(
        at path: String, time: TimeSource = .system
    ) async throws(StoreError) -> Store {
        try openReadOnly(at: path, time: time, migrations: Migration.all)
    }

    /// Lets what waits be written, empties the write-ahead log into the file and lets go of it.
    public func close() async {
        gates.close()
        if !isReadOnly {
            try? checkpoint()
            writer.close()
        }
        // Whoever closes last removes the log, and a reader may not: so they go first.
        pool.invalidateReadOnlyConnections()
        try? pool.close()
    }
}

extension Store {
    /// The pages that the writer keeps in memory. Together with the log they bound what a large file takes.
    static let writerCacheKibibytes = 16 * 1024
    static let readerCacheKibibytes = 4 * 1024
    /// Readers at once; more wait for their turn.
    static let readersMax = 4
    /// The log is emptied into the file when it is longer than so many pages, and cut to this size.
    static let logPagesMax = 4000
    static let logBytesMax = 16 * 1024 * 1024

    static func open(
        at path: String, time: TimeSource, liveness: WorkerLiveness, migrations: [Migration]
    ) throws(StoreError) -> Store {
        let file = DatabaseFile(path: path)
        try file.refuseIfProtected()
        if !file.exists { try file.create() }
        let content = try retryingWhileBusy(path: path) { try file.inspect() }
        return try retryingWhileBusy(path: path) {
            let pool = try DatabasePool(path: path, configuration: configuration())
            let migrator = Migrator(path: path, migrations: migrations, now: time.now)
            try pool.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                try database.execute(sql: "PRAGMA cache_size = -\(writerCacheKibibytes)")
                try database.execute(sql: "PRAGMA wal_autocheckpoint = \(logPagesMax)")
                try database.execute(sql: "PRAGMA journal_size_limit = \(logBytesMax)")
                // What is deleted is overwritten: it would else lie in pages that are free for years.
                try database.execute(sql: "PRAGMA secure_delete = ON")
                guard try !migrator.pending(in: database).isEmpty else { return }
                if case .store(let version) = content { try migrator.backUp(database, version: version) }
                try migrator.migrate(database)
            }
            return try Store(path: path, pool: pool, time: time, liveness: liveness, isReadOnly: false)
        }
    }

    static func openReadOnly(
        at path: String, time: TimeSource, migrations: [Migration]
    ) throws(StoreError) -> Store {
        let file = DatabaseFile(path: path)
        guard file.exists else { throw .missing(path: path) }
        let content = try retryingWhileBusy(path: path) { try file.inspect() }
        guard content != .nothing else { throw .missing(path: path) }
        return try retryingWhileBusy(path: path) {
            var configuration = configuration()
            configuration.readonly = true
            let pool = try DatabasePool(path: path, configuration: configuration)
            let migrator = Migrator(path: path, migrations: migrations, now: time.now)
            let isCurrent = try pool.read { try migrator.pending(in: $0).isEmpty }
            guard isCurrent else { throw StoreError.outdated(path: path) }
            return try Store(path: path, pool: pool, time: time, liveness: .system, isReadOnly: true)
        }
    }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.label = "parley.store"
        configuration.maximumReaderCount = readersMax
        // A lock that is held longer is waited for by whoever meets it, without end.
        configuration.busyMode = Patience.busyMode
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA cache_size = -\(readerCacheKibibytes)")
            try SearchRank.register(on: database)
        }
        return configuration
    }

    static func retryingWhileBusy<Value>(
        path: String, _ work: () throws -> Value
    ) throws(StoreError) -> Value {
        var patience = Patience()
        while true {
            do {
                return try work()
            } catch {
                if let failure = error as? DatabaseError, SQLiteFailure(failure).isBusy {
                    patience.wait()
                    continue
                }
                throw StoreError.wrapping(error, path: path) as? StoreError
                    ?? .cannotOpen(path: path, reason: "\(error)")
            }
        }
    }
}

extension Store {
    /// Queues a write; see ``GroupCommitWriter/submit(_:)``.
    func write<Value: Sendable>(
        _ work: @escaping @Sendable (WriteContext) throws -> Value
    ) async throws -> Value {
        guard !isReadOnly else { throw StoreError.readOnly(path: path) }
        return try await writer.submit(work)
    }

    /// Reads from one snapshot of the database, beside the writer.
    func read<Value: Sendable>(
        _ work: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        while true {
            do {
                return try await pool.read(work)
            } catch let error as DatabaseError where SQLiteFailure(error).isBusy {
                try await Task.sleep(for: Patience.ofReaders)
            } catch {
                throw StoreError.wrapping(error, path: path)
            }
        }
    }

    /// As ``read(_:)``, on the calling thread: for long listings that are handed out row by row.
    func readHere<Value>(_ work: (Database) throws -> Value) throws -> Value {
        var patience = Patience()
        while true {
            var hasBegun = false
            do {
                return try pool.read { database in
                    hasBegun = true
                    return try work(database)
                }
            } catch let error as DatabaseError where SQLiteFailure(error).isBusy && !hasBegun {
                patience.wait()
            } catch {
                throw StoreError.wrapping(error, path: path)
            }
        }
    }

    func refuseIfReadOnly() throws(StoreError) {
        if isReadOnly { throw .readOnly(path: path) }
    }

    /// Empties the write-ahead log into the file; readers that are in the way keep a part of it.
    func checkpoint() throws {
        try writer.outsideTransaction { database in
            // Busy means that a reader still needs the log: the next checkpoint will do it.
            do {
                _ = try database.checkpoint(.truncate)
            } catch let error as DatabaseError where SQLiteFailure(error).isBusy {}
        }
    }
}
