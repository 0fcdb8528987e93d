import ParleyCore

/// What the attempts of one group of writes add to `usage_rollups`.
///
/// The answers of one group mostly fall into the same hour, model and batch, so their sums are written once,
/// before the commit, instead of once for each answer.
struct RollupSums {
    struct Key: Hashable {
        let hour: Int64
        let model: ModelName
        let role: String
        let batch: BatchID
    }

    struct Sums {
        var answered = 0
        var failed = 0
        var unpriced = 0
        var unreported = 0
        var usage = Usage()
        var cost = Picodollars.zero
    }

    static let hourMilliseconds: Int64 = 3_600_000

    private(set) var sums: [Key: Sums] = [:]
    /// Jobs that have become done.
    private var done: [BatchID: Int] = [:]

    mutating func addDone(_ batch: BatchID) { done[batch, default: 0] += 1 }

    /// The same costs by batch, and what may yet be charged.
    var spending = SpendSums()

    mutating func addAnswer(_ end: EndedRequest, usage: Usage?, cost: Picodollars?) {
        var usage = usage
        usage?.reportedCost = nil
        let key = Self.key(of: end)
        sums[key, default: Sums()].add(usage: usage, cost: cost)
        spend(cost, of: end.batch)
    }

    /// A failed request can have been billed; one without usage was not.
    mutating func addFailure(_ end: EndedRequest, usage: Usage?, cost: Picodollars?) {
        let key = Self.key(of: end)
        sums[key, default: Sums()].failed += 1
        guard var usage else { return }
        usage.reportedCost = nil
        sums[key, default: Sums()].bill(usage: usage, cost: cost)
        spend(cost, of: end.batch)
    }

    private mutating func spend(_ cost: Picodollars?, of batch: BatchID) {
        if let cost { spending.add(SpendSums.Sums(spent: cost), to: batch) }
    }

    private static func key(of end: EndedRequest) -> Key {
        let milliseconds = end.at.milliseconds
        return Key(
            hour: milliseconds - milliseconds % hourMilliseconds, model: end.model,
            role: end.role, batch: end.batch)
    }

    mutating func removeAll() {
        sums.removeAll(keepingCapacity: true)
        done.removeAll(keepingCapacity: true)
        spending.removeAll()
    }

    /// Writes the sums and forgets them.
    mutating func flush(to connection: Connection) throws(SQLiteFailure) {
        try flushDone(to: connection)
        try spending.flush(to: connection)
        guard !sums.isEmpty else { return removeAll() }
        let upsert = try connection.statement(
            """
            INSERT INTO usage_rollups (
                hour, provider, model, role, batch_id, answered, failed, unpriced, unreported,
                input_uncached, cache_read, cache_write_5m, cache_write_1h, output, reasoning, cost_picodollars)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
            ON CONFLICT DO UPDATE SET
                answered = answered + excluded.answered,
                failed = failed + excluded.failed,
                unpriced = unpriced + excluded.unpriced,
                unreported = unreported + excluded.unreported,
                input_uncached = input_uncached + excluded.input_uncached,
                cache_read = cache_read + excluded.cache_read,
                cache_write_5m = cache_write_5m + excluded.cache_write_5m,
                cache_write_1h = cache_write_1h + excluded.cache_write_1h,
                output = output + excluded.output,
                reasoning = reasoning + excluded.reasoning,
                cost_picodollars = cost_picodollars + excluded.cost_picodollars
            """)
        for (key, sum) in sums {
            upsert.bind(1, key.hour)
            upsert.bind(2, key.model.provider.text)
            upsert.bind(3, key.model.model)
            upsert.bind(4, key.role)
            upsert.bind(5, key.batch.number)
            upsert.bind(6, sum.answered)
            upsert.bind(7, sum.failed)
            upsert.bind(8, sum.unpriced)
            upsert.bind(9, sum.unreported)
            upsert.bind(10, sum.usage.inputUncached)
            upsert.bind(11, sum.usage.cacheRead)
            upsert.bind(12, sum.usage.cacheWrite5m)
            upsert.bind(13, sum.usage.cacheWrite1h)
            upsert.bind(14, sum.usage.output)
            upsert.bind(15, sum.usage.reasoning)
            upsert.bind(16, sum.cost.value)
            try upsert.run()
        }
        removeAll()
    }
}

extension RollupSums {
    private mutating func flushDone(to connection: Connection) throws(SQLiteFailure) {
        guard !done.isEmpty else { return }
        let upsert = try connection.statement(
            """
            INSERT INTO batch_counts (batch_id, done) VALUES (?1, ?2)
            ON CONFLICT DO UPDATE SET done = done + excluded.done
            """)
        for (batch, count) in done {
            upsert.bind(1, batch.number)
            upsert.bind(2, count)
            try upsert.run()
        }
        done.removeAll(keepingCapacity: true)
    }
}

extension RollupSums.Sums {
    fileprivate mutating func add(usage: Usage?, cost: Picodollars?) {
        answered += 1
        if usage == nil { unreported += 1 }
        bill(usage: usage ?? Usage(), cost: cost)
    }

    fileprivate mutating func bill(usage: Usage, cost: Picodollars?) {
        self.usage = self.usage + usage
        if let cost { self.cost += cost } else { unpriced += 1 }
    }
}
