import Dispatch
import GRDB
import ParleyCore
import Synchronization

/// Writes for everyone: takes all that waits, runs it in one transaction, commits once, then answers
/// everyone.
///
/// One flush of the disk so serves as many operations as were waiting. An operation is answered only after
/// its commit, and one that fails spares the rest of its group. Operations may be run twice (see
/// ``perform(_:)``), so they must depend on nothing but the database.
final class GroupCommitWriter: @unchecked Sendable {
    /// More than so many operations wait for the next group, so that a flood cannot grow one transaction
    /// endlessly.
    static let groupMax = 512

    private let pool: DatabasePool
    private let path: String
    private let queue = Mutex(Queue())
    /// Belongs to the pool's writer queue, like all that follows.
    private var context: WriteContext?
    /// How the transactions are guarded; a test measures the other way.
    var guardsEachOperation = false
    /// How long a full disk is left alone before it is tried again.
    var roomCheckEvery = Duration.milliseconds(500)

    private struct Queue {
        var waiting: [any PendingWrite] = []
        var isDraining = false
        var isClosed = false
        var lockWaits = 0
        var room = RoomPatience(groupMax: GroupCommitWriter.groupMax)

        mutating func takeGroup() -> [any PendingWrite] {
            let group = Array(waiting.prefix(room.groupMax))
            waiting.removeFirst(group.count)
            return group
        }
    }

    init(pool: DatabasePool, path: String) {
        self.pool = pool
        self.path = path
    }

    /// Queues an operation and waits until it is committed.
    func submit<Value: Sendable>(
        _ work: @escaping @Sendable (WriteContext) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            add(QueuedWrite(work) { continuation.resume(with: $0) })
        }
    }

    /// Queues an operation; `hear` is told on the writer's queue when it is committed.
    func submit<Value: Sendable>(
        _ work: @escaping @Sendable (WriteContext) throws -> Value,
        hear: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        add(QueuedWrite(work, hear: hear))
    }

    private func add(_ write: any PendingWrite) {
        enum Next { case drain, wait, refuse }
        let next: Next = queue.withLock { queue in
            if queue.isClosed { return .refuse }
            queue.waiting.append(write)
            if queue.isDraining { return .wait }
            queue.isDraining = true
            return .drain
        }
        switch next {
        case .drain: drainSoon()
        case .wait: break
        case .refuse: write.answer(failure: StoreError.closed(path: path))
        }
    }

    /// The operations that no group has taken yet.
    var waitingCount: Int { queue.withLock { $0.waiting.count } }

    /// How often the write lock was found taken, after SQLite's own patience.
    var lockWaits: Int { queue.withLock { $0.lockWaits } }

    /// Lets writes wait while the disk is full, or lets them fail; those that wait already fail then.
    func waitForRoom(_ waits: Bool) { queue.withLock { $0.room.waits = waits } }

    /// Whether writes wait for room on the disk.
    var isWaitingForRoom: Bool { queue.withLock { $0.room.isFull } }

    private func drainSoon() {
        pool.asyncWriteWithoutTransaction { [self] database in
            let group = queue.withLock { $0.takeGroup() }
            let outcome = perform(group, in: database)
            let isMore = queue.withLock { queue in
                if case .noRoom = outcome { queue.waiting.insert(contentsOf: group, at: 0) }
                queue.isDraining = !queue.waiting.isEmpty
                return queue.isDraining
            }
            guard isMore else { return }
            switch outcome {
            case .answered(let held):
                LockCourtesy.pause(after: held)
                drainSoon()
            case .noRoom:
                let wait = DispatchTimeInterval.milliseconds(Int(roomCheckEvery.milliseconds))
                DispatchQueue.global().asyncAfter(deadline: .now() + wait) { [self] in drainSoon() }
            }
        }
    }
}

extension GroupCommitWriter {
    func context(of database: Database) -> WriteContext {
        if let context { return context }
        let made = WriteContext(Connection(database.sqliteConnection!))
        context = made
        return made
    }

    /// What became of a group.
    private enum Outcome {
        /// The lock was held for so long.
        case answered(Duration)
        /// Nobody was answered: the group is to be run again when there may be room.
        case noRoom
    }

    /// Runs a group in one transaction and answers it.
    private func perform(_ group: [any PendingWrite], in database: Database) -> Outcome {
        let context = context(of: database)
        var patience = Patience()
        while true {
            do throws(SQLiteFailure) {
                let held = try commit(group, in: context)
                queue.withLock { $0.room.fitted() }
                for write in group { write.answer(path: path) }
                return .answered(held)
            } catch {
                rollBack(context)
                if error.isBusy {
                    queue.withLock { $0.lockWaits += 1 }
                    patience.wait()
                    continue
                }
                if error.isFull, queue.withLock({ $0.room.refused(groupOf: group.count) }) { return .noRoom }
                for write in group { write.answer(failure: error.storeError(path: path)) }
                return .answered(.zero)
            }
        }
    }

    /// Runs a group without savepoints: nearly every operation succeeds, and one that is refused before it has
    /// changed anything (a lost lease) needs no undoing. Only if one fails half-way is the group rolled back
    /// and run again, with a savepoint around each.
    private func commit(
        _ group: [any PendingWrite], in context: WriteContext
    ) throws(SQLiteFailure) -> Duration {
        try begin(context)
        let begun = ContinuousClock.now
        if guardsEachOperation {
            try runGuarded(group, in: context)
        } else if try !runUnguarded(group, in: context) {
            context.forget()
            try context.connection.run("ROLLBACK")
            try begin(context)
            try runGuarded(group, in: context)
        }
        try context.rollups.flush(to: context.connection)
        try context.connection.run("COMMIT")
        return ContinuousClock.now - begun
    }

    /// False when an operation failed after it had changed something.
    private func runUnguarded(
        _ group: [any PendingWrite], in context: WriteContext
    ) throws(SQLiteFailure) -> Bool {
        for write in group {
            let before = context.connection.changesTotal
            guard let error = write.run(in: context) else { continue }
            try throwIfOfAll(error)
            if context.connection.changesTotal != before { return false }
        }
        return true
    }

    private func runGuarded(
        _ group: [any PendingWrite], in context: WriteContext
    ) throws(SQLiteFailure) {
        for write in group {
            let rollups = context.rollups
            try context.connection.run("SAVEPOINT operation")
            if let error = write.run(in: context) {
                try throwIfOfAll(error)
                try context.connection.run("ROLLBACK TO operation")
                context.forget()
                context.rollups = rollups
            }
            try context.connection.run("RELEASE operation")
        }
    }

    /// A full disk or a damaged file concerns the whole group.
    private func throwIfOfAll(_ error: any Error) throws(SQLiteFailure) {
        let failure = (error as? SQLiteFailure) ?? (error as? DatabaseError).map { SQLiteFailure($0) }
        if let failure, !failure.isOfOneOperation { throw failure }
    }

    /// Takes the write lock, however long somebody else holds it.
    private func begin(_ context: WriteContext) throws(SQLiteFailure) {
        var patience = Patience()
        while true {
            do throws(SQLiteFailure) {
                try context.connection.run("BEGIN IMMEDIATE")
                return try context.lookAtOthers()
            } catch {
                guard error.isBusy else { throw error }
                queue.withLock { $0.lockWaits += 1 }
                patience.wait()
            }
        }
    }

    private func rollBack(_ context: WriteContext) {
        context.forget()
        // SQLite has rolled back by itself after some errors; then there is nothing left to do.
        if context.connection.isInTransaction { try? context.connection.run("ROLLBACK") }
    }
}

extension GroupCommitWriter {
    /// Runs one long operation alone, in a transaction of its own, on the calling thread.
    ///
    /// What it throws rolls all of it back. `commits` is asked at the end; false rolls back as well.
    func alone<Value>(commits: Bool = true, _ work: (WriteContext) throws -> Value) throws -> Value {
        if queue.withLock({ $0.isClosed }) { throw StoreError.closed(path: path) }
        return try pool.writeWithoutTransaction { database in
            let context = context(of: database)
            do {
                try begin(context)
                let value = try work(context)
                try context.rollups.flush(to: context.connection)
                try context.connection.run(commits ? "COMMIT" : "ROLLBACK")
                if !commits { context.forget() }
                return value
            } catch {
                rollBack(context)
                throw StoreError.wrapping(error, path: path)
            }
        }
    }

    /// Runs something outside of any transaction: a checkpoint, a vacuum. It is run again as long as somebody
    /// else holds a lock.
    func outsideTransaction<Value>(_ work: (Database) throws -> Value) throws -> Value {
        if queue.withLock({ $0.isClosed }) { throw StoreError.closed(path: path) }
        var patience = Patience()
        while true {
            do {
                return try pool.writeWithoutTransaction(work)
            } catch let error as DatabaseError where SQLiteFailure(error).isBusy {
                patience.wait()
            } catch {
                throw StoreError.wrapping(error, path: path)
            }
        }
    }

    /// Lets what waits be written, then takes nothing more.
    func close() {
        queue.withLock { queue in
            queue.isClosed = true
            queue.room.waits = false
        }
        var patience = Patience()
        while queue.withLock({ $0.isDraining }) {
            pool.writeWithoutTransaction { _ in }
            if isWaitingForRoom { patience.wait() }
        }
        pool.writeWithoutTransaction { _ in
            context?.connection.finalizeStatements()
            context = nil
        }
    }
}
