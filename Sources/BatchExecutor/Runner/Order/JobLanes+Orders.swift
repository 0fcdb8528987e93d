import ConversationStore
import ParleyCore
import ProviderStack

/// A job on its way into its lane, and what its place there depends on.
struct LaneWork: Sendable {
    var job: LeasedJob
    var lane: JobLanes.Name
    /// Those that it may share with others, the shorter ones first.
    var beginnings: [SharedBeginning] = []
    /// Nil: nobody waits for anybody.
    var rules: PromptCacheRules?
    /// The time between two requests of the lane, where a limit says it.
    var pace: Duration?
}

// What is wanted from the store, where jobs come by the beginnings that they share.
extension JobLanes {
    /// Of a batch whose rows name their own models so many times as much is fetched, to find jobs of one that is not held up.
    static let lanesDeep = 4

    /// What is wanted of each batch so that `wanted` jobs of it may go; nothing for those of which enough may. Nil where jobs
    /// come in the order of the file.
    func orders(upTo wanted: Int, at now: Timestamp) -> (
        orders: [BatchID: PrefixOrders], enough: Set<BatchID>
    )? {
        guard let cursors else { return nil }
        var orders: [BatchID: PrefixOrders] = [:]
        var enough: Set<BatchID> = []
        let full = saturated(at: wanted, deep: wanted * Self.lanesDeep)
        for lane in lanes {
            let batch = lane.name.batch
            let cursor = cursors[batch] ?? BeginningCursor(start: cursorStart)
            let (more, missing) = lane.jobs.wants(wanted, at: now)
            var order = orders[batch] ?? PrefixOrders(after: cursor.after, takesOthers: false)
            order.more += more
            if missing > 0, !cursor.isExhausted, lane.jobs.hasRoomForGroups {
                order.beginnings = max(order.beginnings, min(missing, concurrency))
            }
            if missing > 0, !full.contains(batch) { order.takesOthers = true }
            orders[batch] = order
        }
        for (batch, order) in orders where order.more.isEmpty && order.beginnings == 0 && !order.takesOthers {
            orders[batch] = nil
            enough.insert(batch)
        }
        return (orders, enough)
    }

    /// What is wanted of a batch of which nothing has come yet.
    var firstOrders: PrefixOrders { PrefixOrders(after: cursorStart, beginnings: concurrency) }

    /// Takes note of what the store gave for the orders, before the jobs are added.
    mutating func note(_ jobs: [LeasedJob], for orders: [BatchID: PrefixOrders]) {
        guard cursors != nil else { return }
        for (batch, order) in orders {
            let some = jobs.filter { $0.batch == batch }
            for index in lanes.indices where lanes[index].name.batch == batch {
                lanes[index].jobs.note(some, for: order)
            }
            if order.beginnings > 0 { advance(batch, some) }
        }
        // Of a batch without a lane, all that came was the first of it.
        for batch in Set(jobs.map(\.batch)).subtracting(orders.keys) {
            advance(batch, jobs.filter { $0.batch == batch })
        }
    }

    private mutating func advance(_ batch: BatchID, _ jobs: [LeasedJob]) {
        var cursor = cursors?[batch] ?? BeginningCursor(start: cursorStart)
        cursor.note(jobs)
        cursors?[batch] = cursor
        for index in lanes.indices where lanes[index].name.batch == batch {
            lanes[index].jobs.isExhausted = cursor.isExhausted
        }
    }

    /// Batches may have beginnings that they had not before.
    mutating func resetCursors() {
        for batch in (cursors ?? [:]).keys { cursors?[batch]?.reset() }
    }
}

// Whom the others wait for.
extension JobLanes {
    var isLed: Bool { lanes.contains { $0.jobs.isLed } }

    /// The first token of the job's answer has come.
    mutating func ripen(_ job: JobID, in name: Name, at now: Timestamp) {
        guard let index = lanes.firstIndex(where: { $0.name == name }) else { return }
        lanes[index].jobs.ripen(job, at: now)
    }

    /// The job leads nobody any more.
    mutating func end(_ job: JobID, in name: Name) {
        guard let index = lanes.firstIndex(where: { $0.name == name }) else { return }
        lanes[index].jobs.end(job)
    }
}
