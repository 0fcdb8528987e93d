import ParleyCore

extension WriteContext {
    /// Removes a conversation with all that belongs to it; what its requests cost stays in the sums.
    ///
    /// Its system prompt may be others' as well: that, and the words in the index, are for ``Store/wipe(progress:)``.
    func removeSession(_ session: Int64) throws {
        try keepSums(of: session)
        let messages = try statement("DELETE FROM messages WHERE session_id = ?1")
        messages.bind(1, session)
        try messages.run()
        let attempts = try statement("DELETE FROM attempts WHERE session_id = ?1")
        attempts.bind(1, session)
        try attempts.run()
        let delete = try statement("DELETE FROM sessions WHERE id = ?1")
        delete.bind(1, session)
        try delete.run()
    }

    /// Adds what the ledger says of a conversation's requests to `pruned_usage`.
    private func keepSums(of session: Int64) throws {
        let insert = try statement(
            """
            INSERT INTO pruned_usage (
                hour, provider, model, role, batch_id, answered, failed, unpriced, unreported,
                input_uncached, cache_read, cache_write_5m, cache_write_1h, output, reasoning, cost_picodollars,
                held_picodollars)
            SELECT
                a.ended_at / 3600000 * 3600000, a.provider, a.model, a.role, a.batch_id,
                sum(a.state = 'answered'), sum(a.state = 'failed'),
                sum(u.attempt_id IS NOT NULL AND u.cost_picodollars IS NULL),
                sum(a.state = 'answered' AND u.reported = 0),
                coalesce(sum(u.input_uncached), 0), coalesce(sum(u.cache_read), 0),
                coalesce(sum(u.cache_write_5m), 0), coalesce(sum(u.cache_write_1h), 0),
                coalesce(sum(u.output), 0), coalesce(sum(u.reasoning), 0), coalesce(sum(u.cost_picodollars), 0),
                coalesce(sum(a.reserved), 0)
            FROM attempts a LEFT JOIN token_usage u ON u.attempt_id = a.id
            WHERE a.session_id = ?1 AND a.state <> 'sent'
            GROUP BY 1, 2, 3, 4, 5
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
                cost_picodollars = cost_picodollars + excluded.cost_picodollars,
                held_picodollars = held_picodollars + excluded.held_picodollars
            """)
        insert.bind(1, session)
        try insert.run()
    }

    /// Says that there is something left of what was removed.
    func noteRemains() throws {
        try statement("UPDATE search_index SET wipe_due = 1").run()
    }
}
