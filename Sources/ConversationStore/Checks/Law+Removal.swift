extension Law {
    /// Continues a WITH: what the attempts that are `present` and those that were removed add up to.
    static let ledgerWithPruned = """
        ledger AS (
            SELECT hour, provider, model, role, batch_id, sum(answered) AS answered, sum(failed) AS failed,
                sum(unpriced), sum(unreported), sum(input_uncached), sum(cache_read), sum(cache_write_5m),
                sum(cache_write_1h), sum(output), sum(reasoning), sum(cost_picodollars)
            FROM (
                SELECT * FROM present
                UNION ALL
                SELECT hour, provider, model, role, batch_id, answered, failed, unpriced, unreported,
                    input_uncached, cache_read, cache_write_5m, cache_write_1h, output, reasoning, cost_picodollars
                FROM pruned_usage WHERE answered + failed > 0)
            GROUP BY 1, 2, 3, 4, 5)
        """

    /// Of what was removed, and of the index of words.
    static let removalLaws = [
        Law(
            name: "pruned-batches-are-over", severity: .damage,
            sentence: "jobs of pruned batches wait, are held or are unknown.",
            sql: """
                SELECT 'job ' || j.id FROM batches b JOIN jobs j ON j.batch_id = b.id
                WHERE b.pruned_at IS NOT NULL
                    AND (j.state = 'waiting' OR j.state = 'unknown' OR j.lease IS NOT NULL)
                """),
        Law(
            name: "search-index-has-its-messages", severity: .damage,
            sentence: "messages are missing in the search index, or it has some that are not there; "
                + "`parley db vacuum` drops it, and the next search makes it anew.",
            sql: """
                SELECT 'message ' || m.id FROM messages m
                WHERE m.id <= (SELECT indexed_until FROM search_index)
                    AND NOT EXISTS (SELECT 1 FROM message_words_docsize d WHERE d.id = m.id)
                UNION ALL
                SELECT 'message ' || d.id FROM message_words_docsize d
                WHERE d.id > (SELECT indexed_until FROM search_index)
                    OR NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = d.id)
                """),
        Law(
            name: "unfinished-prunings", severity: .note,
            sentence: "batches are pruned in part; `parley db prune` goes on with them.",
            sql: """
                SELECT 'batch ' || b.name FROM batches b
                WHERE b.pruned_at IS NOT NULL AND EXISTS (SELECT 1 FROM jobs j WHERE j.batch_id = b.id)
                """),
    ]
}
