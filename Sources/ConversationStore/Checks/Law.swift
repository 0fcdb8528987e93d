import GRDB

/// A law that no CHECK can state because it spans tables, and the query that finds whoever breaks it.
struct Law: Sendable {
    /// Short and stable, for scripts.
    let name: String
    let severity: CheckFinding.Severity
    /// What the finding says after the number of rows.
    let sentence: String
    /// Gives one text for each row that breaks the law.
    let sql: String

    /// Nil when the law is kept.
    func finding(in database: Database) throws -> CheckFinding? {
        let rows = try String.fetchCursor(database, sql: sql)
        var count = 0
        var examples: [String] = []
        while let row = try rows.next() {
            count += 1
            if examples.count < Self.examplesMax { examples.append(row) }
        }
        guard count > 0 else { return nil }
        return CheckFinding(
            severity: severity, law: name, count: count, message: "\(count) \(sentence)", examples: examples)
    }

    static let examplesMax = 5
}

extension Law {
    static let all = jobLaws + ledgerLaws + batchLaws + reuseLaws + removalLaws + notes

    private static let jobLaws = [
        Law(
            name: "done-jobs-are-answered", severity: .damage,
            sentence: "jobs are done without a complete answer, its usage and a settled attempt.",
            sql: """
                SELECT 'job ' || j.id FROM jobs j
                WHERE j.state = 'done' AND NOT EXISTS (
                    SELECT 1 FROM messages m
                    JOIN attempts a ON a.id = m.attempt_id AND a.state = 'answered'
                    JOIN token_usage u ON u.attempt_id = a.id
                    WHERE m.session_id = j.session_id AND m.role = 'assistant' AND m.status = 'complete'
                        AND m.extra = 0)
                    AND NOT EXISTS (SELECT 1 FROM reused_answers r WHERE r.job_id = j.id)
                """),
        Law(
            name: "failed-jobs-have-failed-attempts", severity: .damage,
            sentence: "jobs have failed without an attempt that did, or a reason why none was made.",
            sql: """
                SELECT 'job ' || j.id FROM jobs j
                WHERE j.state = 'failed' AND j.fault IS NULL AND NOT EXISTS (
                    SELECT 1 FROM attempts a WHERE a.session_id = j.session_id AND a.state = 'failed')
                """),
        Law(
            name: "sent-jobs-have-one-attempt", severity: .damage,
            sentence: "jobs are in the air without exactly one attempt that is.",
            sql: """
                SELECT 'job ' || j.id FROM jobs j
                WHERE j.state = 'sent' AND 1 <> (
                    SELECT count(*) FROM attempts a WHERE a.session_id = j.session_id AND a.state = 'sent')
                """),
        Law(
            name: "held-jobs-have-workers", severity: .damage,
            sentence: "jobs are held by a worker that is not registered.",
            sql: """
                SELECT 'job ' || j.id FROM jobs j
                WHERE j.lease IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM workers w WHERE w.token = substr(j.lease, 1, 8))
                """),
        Law(
            name: "jobs-know-their-sessions", severity: .damage,
            sentence: "jobs and sessions do not refer to each other.",
            sql: """
                SELECT 'job ' || j.id FROM jobs j LEFT JOIN sessions s ON s.job_id = j.id
                WHERE j.session_id IS NOT s.id
                """),
    ]

    private static let ledgerLaws = [
        Law(
            name: "sent-attempts-have-sent-jobs", severity: .damage,
            sentence: "attempts are in the air though their job is not, or nobody answers their session.",
            sql: """
                SELECT 'attempt ' || a.id FROM attempts a
                JOIN sessions s ON s.id = a.session_id
                LEFT JOIN jobs j ON j.id = s.job_id
                LEFT JOIN open_turns t ON t.attempt_id = a.id
                WHERE a.state = 'sent' AND CASE
                    WHEN s.job_id IS NULL THEN t.session_id IS NOT s.id ELSE j.state <> 'sent' END
                """),
        Law(
            name: "answered-attempts-have-usage", severity: .damage,
            sentence: "attempts were answered and have no usage, or have one before their end.",
            sql: """
                SELECT 'attempt ' || a.id FROM attempts a LEFT JOIN token_usage u ON u.attempt_id = a.id
                WHERE CASE a.state
                    WHEN 'answered' THEN u.attempt_id IS NULL
                    WHEN 'failed' THEN 0
                    ELSE u.attempt_id IS NOT NULL END
                """),
        Law(
            name: "answered-attempts-have-messages", severity: .damage,
            sentence: "attempts were answered and the answer is not there.",
            sql: """
                SELECT 'attempt ' || a.id FROM attempts a
                WHERE a.state = 'answered' AND NOT EXISTS (
                    SELECT 1 FROM messages m WHERE m.attempt_id = a.id AND m.status = 'complete')
                """),
        Law(
            name: "rollups-equal-the-ledger", severity: .damage,
            sentence: "sums in usage_rollups differ from the attempts that they sum up.",
            sql: """
                WITH present AS (
                    SELECT
                        a.ended_at / 3600000 * 3600000 AS hour, a.provider, a.model, a.role, a.batch_id,
                        sum(a.state = 'answered') AS answered, sum(a.state = 'failed') AS failed,
                        sum(u.attempt_id IS NOT NULL AND u.cost_picodollars IS NULL) AS unpriced,
                        sum(a.state = 'answered' AND u.reported = 0) AS unreported,
                        coalesce(sum(u.input_uncached), 0) AS input_uncached,
                        coalesce(sum(u.cache_read), 0) AS cache_read,
                        coalesce(sum(u.cache_write_5m), 0) AS cache_write_5m,
                        coalesce(sum(u.cache_write_1h), 0) AS cache_write_1h,
                        coalesce(sum(u.output), 0) AS output,
                        coalesce(sum(u.reasoning), 0) AS reasoning,
                        coalesce(sum(u.cost_picodollars), 0) AS cost_picodollars
                    FROM attempts a LEFT JOIN token_usage u ON u.attempt_id = a.id
                    WHERE a.state = 'answered' OR a.state = 'failed'
                    GROUP BY 1, 2, 3, 4, 5),
                \(Self.ledgerWithPruned)
                SELECT 'hour ' || hour || ' of ' || provider || '/' || model FROM (
                    SELECT * FROM (SELECT * FROM ledger EXCEPT SELECT * FROM usage_rollups)
                    UNION
                    SELECT * FROM (SELECT * FROM usage_rollups EXCEPT SELECT * FROM ledger))
                GROUP BY hour, provider, model, role, batch_id
                """),
    ]

    private static let batchLaws = [
        Law(
            name: "done-jobs-are-counted", severity: .damage,
            sentence: "batches have another number of done jobs than is written down.",
            sql: """
                SELECT b.name FROM batches b
                WHERE b.pruned_at IS NULL AND coalesce((SELECT done FROM batch_counts c WHERE c.batch_id = b.id), 0)
                    <> (SELECT count(*) FROM jobs j WHERE j.batch_id = b.id AND j.state = 'done')
                """),
        Law(
            name: "budgets-count-the-ledger", severity: .damage,
            sentence: "batches have other sums in batch_spend than their rollups and reservations add up to.",
            sql: """
                WITH ledger AS (
                    SELECT batch_id, sum(spent) AS spent, sum(held) AS held, sum(in_air) AS in_air FROM (
                        SELECT batch_id, cost_picodollars AS spent, 0 AS held, 0 AS in_air
                        FROM usage_rollups
                        UNION ALL
                        SELECT batch_id, 0, iif(state = 'sent', 0, reserved), iif(state = 'sent', reserved, 0)
                        FROM attempts WHERE reserved IS NOT NULL
                        UNION ALL SELECT batch_id, 0, held_picodollars, 0 FROM pruned_usage)
                    GROUP BY batch_id),
                empty AS (SELECT batch_id, 0, 0, 0 FROM batch_spend UNION SELECT batch_id, 0, 0, 0 FROM ledger)
                SELECT 'batch ' || batch_id FROM (
                    SELECT * FROM (SELECT * FROM ledger EXCEPT SELECT * FROM batch_spend)
                    UNION
                    SELECT * FROM (SELECT * FROM batch_spend EXCEPT SELECT * FROM ledger)
                    EXCEPT SELECT * FROM empty)
                GROUP BY batch_id
                """),
        Law(
            name: "batch-counts-are-right", severity: .damage,
            sentence: "batches say another number or range of jobs than they have.",
            sql: """
                SELECT 'batch ' || b.name
                FROM batches b LEFT JOIN (
                    SELECT batch_id, count(*) AS jobs, min(id) AS first, max(id) AS last
                    FROM jobs GROUP BY batch_id) j ON j.batch_id = b.id
                WHERE iif(b.pruned_at IS NULL, b.jobs <> coalesce(j.jobs, 0), b.jobs < j.jobs) OR b.first_job_id > j.first OR b.last_job_id < j.last
                """),
    ]

    private static let notes = [
        Law(
            name: "unknown-requests", severity: .note,
            sentence: "requests were in the air when their worker was lost; they may have been billed.",
            sql: "SELECT 'attempt ' || id FROM attempts WHERE state = 'unknown'"),
        Law(
            name: "asked-again", severity: .note,
            sentence: "jobs were asked again because nobody knew what had become of their request.",
            sql: "SELECT 'job ' || id FROM jobs WHERE rescues > 0"),
        Law(
            name: "extra-answers", severity: .note,
            sentence:
                "answers came after their job had been given to another worker; they are kept and billed.",
            sql: "SELECT 'attempt ' || attempt_id FROM messages WHERE extra = 1 AND attempt_id IS NOT NULL"),
    ]
}
