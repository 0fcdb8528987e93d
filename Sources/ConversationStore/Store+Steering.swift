import GRDB
public import ParleyCore

// What whoever works on batches has to know of what others do to them.
extension Store {
    /// Where all batches stand: a look at one small table.
    public func positions() async throws -> [BatchPosition] {
        try await read { database in
            let rows = try Row.fetchAll(
                database,
                SQLRequest(
                    sql: "SELECT id, state, priority, jobs, deadline, revision FROM batches b", cached: true))
            return rows.map { row in
                BatchPosition(
                    id: BatchID(row[0]), state: BatchState(rawValue: row[1]) ?? .open, priority: row[2],
                    jobs: row[3], deadline: (row[4] as Int64?).map { Timestamp(milliseconds: $0) },
                    revision: row[5])
            }
        }
    }

    /// The paused batches that have jobs left to be asked.
    public func pausedWithWork() async throws -> Set<BatchID> {
        try await read { database in
            Set(try Int64.fetchAll(database, sql: Self.pausedWithWorkSQL).map { BatchID($0) })
        }
    }

    static let pausedWithWorkSQL = """
        SELECT b.id FROM batches b
        WHERE b.state = 'paused'
            AND EXISTS (SELECT 1 FROM jobs WHERE batch_id = b.id AND state = 'waiting')
        """

    /// Why a job failed that was not sent before its batch's deadline.
    public static let deadlineFault = "the deadline of its batch passed before it was asked"

    /// Fails up to `count` waiting jobs of a batch whose deadline has passed, and gives their keys.
    ///
    /// They are over, so that whoever waits for the batch hears of it, and they can be asked anew with
    /// ``retry(batch:states:)``.
    public func expire(_ batch: BatchID, upTo count: Int) async throws -> [String] {
        let now = time.now
        return try await write { context in
            let fail = try context.statement(
                """
                UPDATE jobs SET state = 'failed', fault = ?3
                WHERE id IN (
                    SELECT id FROM jobs
                    WHERE batch_id = ?1 AND state = 'waiting'
                        AND EXISTS (SELECT 1 FROM batches b WHERE b.id = ?1 AND b.deadline <= ?4)
                    LIMIT ?2)
                RETURNING job_key
                """)
            fail.bind(1, batch.number)
            fail.bind(2, count)
            fail.bind(3, Self.deadlineFault)
            fail.bind(4, now.milliseconds)
            var keys: [String] = []
            while try fail.step() { keys.append(fail.text(0)) }
            return keys
        }
    }
}
