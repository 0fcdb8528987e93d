import ParleyCore

/// What the operations of one group change in `batch_spend`, and what stands there meanwhile.
///
/// Written once for each group, before the commit, like the rollups that it goes with. A budget is looked at within the
/// group: what the database said at its beginning, and what the operations so far have changed.
struct SpendSums {
    struct Sums: Equatable {
        var spent = Picodollars.zero
        var held = Picodollars.zero
        var inAir = Picodollars.zero

        static func += (left: inout Sums, right: Sums) {
            left.spent += right.spent
            left.held += right.held
            left.inAir += right.inAir
        }
    }

    private var changes: [BatchID: Sums] = [:]
    /// As the database has them, without the changes.
    private var known: [BatchID: Sums] = [:]
    private var knownOfAll: Sums?

    mutating func add(_ sums: Sums, to batch: BatchID) {
        changes[batch, default: Sums()] += sums
    }

    mutating func removeAll() {
        changes.removeAll(keepingCapacity: true)
        forgetKnown()
    }

    /// Only what this transaction has read is sure to hold in it.
    private mutating func forgetKnown() {
        if !known.isEmpty { known.removeAll(keepingCapacity: true) }
        knownOfAll = nil
    }

    /// The sums of the batches, with the changes of this group; nil = of all batches.
    mutating func sums(of batches: [BatchID]?, in connection: Connection) throws(SQLiteFailure) -> Sums {
        guard let batches else {
            if knownOfAll == nil { knownOfAll = try readAll(from: connection) }
            var sums = knownOfAll ?? Sums()
            for (batch, change) in changes where batch.number > 0 { sums += change }
            return sums
        }
        var sums = Sums()
        for batch in batches {
            if known[batch] == nil { known[batch] = try read(batch, from: connection) }
            sums += known[batch] ?? Sums()
            if let change = changes[batch] { sums += change }
        }
        return sums
    }

    private func readAll(from connection: Connection) throws(SQLiteFailure) -> Sums {
        let find = try connection.statement(
            "SELECT sum(spent), sum(held), sum(in_air) FROM batch_spend WHERE batch_id > 0")
        return try Self.first(of: find)
    }

    private func read(_ batch: BatchID, from connection: Connection) throws(SQLiteFailure) -> Sums {
        let find = try connection.statement(
            "SELECT spent, held, in_air FROM batch_spend WHERE batch_id = ?1")
        find.bind(1, batch.number)
        return try Self.first(of: find)
    }

    private static func first(of statement: Statement) throws(SQLiteFailure) -> Sums {
        guard try statement.step() else { return Sums() }
        defer { statement.reset() }
        return Sums(
            spent: Picodollars(statement.int(0)), held: Picodollars(statement.int(1)),
            inAir: Picodollars(statement.int(2)))
    }

    /// Writes the changes and forgets them.
    mutating func flush(to connection: Connection) throws(SQLiteFailure) {
        forgetKnown()
        guard !changes.isEmpty else { return }
        let upsert = try connection.statement(
            """
            INSERT INTO batch_spend (batch_id, spent, held, in_air) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET
                spent = spent + excluded.spent, held = held + excluded.held,
                in_air = in_air + excluded.in_air
            """)
        for (batch, change) in changes where change != Sums() {
            upsert.bind(1, batch.number)
            upsert.bind(2, change.spent.value)
            upsert.bind(3, change.held.value)
            upsert.bind(4, change.inAir.value)
            try upsert.run()
        }
        changes.removeAll(keepingCapacity: true)
    }
}
