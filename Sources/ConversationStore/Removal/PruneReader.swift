import GRDB
import ParleyCore

/// Looks for what is old, in one snapshot of the database.
struct PruneReader {
    let olderThan: Timestamp

    func plan(in database: Database) throws -> PrunePlan {
        var plan = PrunePlan(olderThan: olderThan, chats: 0, batches: [], messages: 0, bytes: 0, kept: [])
        try addChats(to: &plan, in: database)
        for row in try Row.fetchAll(database, sql: Self.batchesSQL) { try add(row, to: &plan, in: database) }
        return plan
    }

    // Conversations

    private func addChats(to plan: inout PrunePlan, in database: Database) throws {
        let rows = try Row.fetchCursor(
            database,
            SQLRequest(
                literal: """
                    SELECT s.id, s.title,
                        EXISTS (SELECT 1 FROM open_turns t WHERE t.session_id = s.id),
                        EXISTS (SELECT 1 FROM attempts a WHERE a.session_id = s.id
                            AND (a.state = 'sent' OR a.state = 'unknown')),
                        count(m.id), coalesce(sum(\(Self.messageBytes)), 0)
                    FROM sessions s LEFT JOIN messages m ON m.session_id = s.id
                    WHERE s.job_id IS NULL AND s.updated_at < \(olderThan.milliseconds)
                    GROUP BY s.id
                    """))
        while let row = try rows.next() {
            let reason: PrunePlan.Kept.Reason? =
                row[2] as Bool ? .beingAnswered : row[3] as Bool ? .unknownRequests : nil
            if let reason {
                plan.kept.append(.init(batch: nil, session: SessionID(row[0]), name: row[1], reason: reason))
            } else {
                plan.chats += 1
                plan.messages += row[4]
                plan.bytes += row[5]
            }
        }
    }

    private static let messageBytes: SQL = """
        length(CAST(m.content AS BLOB)) + coalesce(length(CAST(m.reasoning AS BLOB)), 0)
        """

    // Batches

    /// When something last happened in a batch is known to the hour, and taken for that hour's end.
    private static let batchesSQL = """
        SELECT b.id, b.name, b.pruned_at IS NOT NULL AS is_pruned, b.first_job_id, b.last_job_id,
            max(
                b.created_at,
                coalesce((SELECT max(hour) + 3600000 FROM usage_rollups r WHERE r.batch_id = b.id), 0),
                coalesce((
                    SELECT max(created_at) FROM reused_answers r
                    WHERE r.job_id BETWEEN b.first_job_id AND b.last_job_id AND r.batch_id = b.id), 0)) AS active_at,
            EXISTS (SELECT 1 FROM jobs j WHERE j.batch_id = b.id) AS has_jobs
        FROM batches b ORDER BY b.id
        """

    private func add(_ row: Row, to plan: inout PrunePlan, in database: Database) throws {
        guard row["has_jobs"] as Bool else { return }
        let batch = BatchID(row["id"])
        let isPruned: Bool = row["is_pruned"]
        if !isPruned {
            let activeAt: Int64 = row["active_at"]
            guard activeAt < olderThan.milliseconds else { return }
            if let reason = try Self.reasonToKeep(batch, in: database) {
                plan.kept.append(.init(batch: row["name"], session: nil, name: row["name"], reason: reason))
                return
            }
        }
        let sizes = try Row.fetchOne(
            database,
            SQLRequest(
                literal: """
                    SELECT count(DISTINCT j.id), count(m.id), coalesce(sum(\(Self.messageBytes)), 0)
                    FROM jobs j
                    LEFT JOIN messages m ON m.session_id = j.session_id
                    WHERE j.id BETWEEN \(row["first_job_id"] as Int64) AND \(row["last_job_id"] as Int64)
                        AND j.batch_id = \(batch.number)
                    """))
        plan.batches.append(
            .init(id: batch, name: row["name"], jobs: sizes?[0] ?? 0, isUnfinished: isPruned))
        plan.messages += sizes?[1] ?? 0
        plan.bytes += sizes?[2] ?? 0
    }

    static func reasonToKeep(_ batch: BatchID, in database: Database) throws -> PrunePlan.Kept.Reason? {
        let id = batch.number
        let row = try Row.fetchOne(
            database,
            SQLRequest(
                literal: """
                    SELECT
                        EXISTS (SELECT 1 FROM jobs WHERE batch_id = \(id) AND state = 'waiting')
                        OR EXISTS (
                            SELECT 1 FROM jobs WHERE lease IS NOT NULL AND due_at >= 0 AND batch_id = \(id)),
                        EXISTS (SELECT 1 FROM jobs WHERE batch_id = \(id) AND state = 'unknown')
                        OR EXISTS (SELECT 1 FROM attempts WHERE batch_id = \(id) AND state = 'unknown')
                    """))
        if row?[0] as Bool? == true { return .unfinished }
        return row?[1] as Bool? == true ? .unknownRequests : nil
    }
}
