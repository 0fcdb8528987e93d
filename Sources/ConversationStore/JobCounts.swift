import GRDB
import ParleyCore

/// How many jobs of a batch are in each state, counted from the small indexes.
///
/// The jobs that are done are a sum that is kept (`batch_counts`), and those that wait are the rest: so a batch of a million
/// is counted in the time that those take which are neither.
enum JobCounts {
    static func unknown(of batch: BatchID, in database: Database) throws -> Int {
        try Int.fetchOne(
            database,
            literal: "SELECT count(*) FROM jobs WHERE batch_id = \(batch.number) AND state = 'unknown'")
    }

    /// The jobs that workers hold, for all batches at once: they are few.
    static func held(in database: Database) throws -> [BatchID: [JobState: Int]] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT batch_id, state, count(*) FROM jobs
                WHERE lease IS NOT NULL AND due_at >= 0
                GROUP BY batch_id, state
                """)
        var counts: [BatchID: [JobState: Int]] = [:]
        for row in rows {
            guard let state = JobState(rawValue: row[1]) else { continue }
            counts[BatchID(row[0]), default: [:]][state] = row[2]
        }
        return counts
    }

    static func all(
        of batch: BatchID, jobs: Int, held: [JobState: Int], in database: Database
    ) throws -> [JobState: Int] {
        let id = batch.number
        var counts: [JobState: Int] = [
            .leased: held[.leased] ?? 0,
            .sent: held[.sent] ?? 0,
            .unknown: try unknown(of: batch, in: database),
            // Those of a pruned batch are gone, or going; how many they were is written down.
            .failed: try Int.fetchOne(
                database,
                literal: """
                    SELECT coalesce(
                        (SELECT pruned_failed FROM batches WHERE id = \(id)),
                        (SELECT count(*) FROM jobs WHERE batch_id = \(id) AND state = 'failed'))
                    """),
            .cancelled: try Int.fetchOne(
                database,
                literal: """
                    SELECT coalesce(
                        (SELECT pruned_cancelled FROM batches WHERE id = \(id)),
                        (SELECT count(*) FROM jobs WHERE batch_id = \(id) AND state = 'cancelled'))
                    """),
            .done: try Int.fetchOne(
                database, literal: "SELECT done FROM batch_counts WHERE batch_id = \(id)"),
        ]
        counts[.waiting] = max(0, jobs - counts.values.reduce(0, +))
        return counts
    }
}

extension Int {
    /// The one number that a counting query gives.
    static func fetchOne(_ database: Database, literal: SQL) throws -> Int {
        try SQLRequest<Int>(literal: literal).fetchOne(database) ?? 0
    }
}
