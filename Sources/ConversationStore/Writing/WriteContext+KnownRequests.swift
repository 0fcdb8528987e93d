import ParleyCore

// Which requests have been sent, by what they ask.
extension WriteContext {
    /// A request that is sent now; what becomes of it is told by its attempt.
    func note(_ opening: AttemptOpening, as attempt: AttemptID) throws {
        let insert = try statement(
            "INSERT OR IGNORE INTO known_requests (request_hash, batch_id, attempt_id) VALUES (?1, ?2, ?3)")
        insert.bind(1, opening.requestHash)
        insert.bind(2, opening.batch.number)
        insert.bind(3, attempt.number)
        try insert.run()
    }

    /// Takes a request out whose end nobody can share, so that whoever looks for its like need not pass over it.
    func forgetUnshareable(_ settlement: Settlement) throws {
        guard let hash = settlement.knownAs else { return }
        switch settlement.outcome {
        case .answered(let completion, _, _) where completion.finishReason.isShareable: return
        // Its answer may come late.
        case .interrupted: return
        case .answered, .failed: break
        }
        let delete = try statement(
            "DELETE FROM known_requests WHERE request_hash = ?1 AND batch_id = ?2 AND attempt_id = ?3")
        delete.bind(1, hash)
        delete.bind(2, settlement.batch.number)
        delete.bind(3, settlement.attempt.number)
        try delete.run()
    }

    /// Looks at the next attempts that nobody has looked at yet; gives whether there may be more.
    ///
    /// Those that have no end yet, and those of which nobody knows, are taken up as well: their answers may come later.
    func catchUp(upTo count: Int) throws -> Bool {
        let find = try statement(
            """
            SELECT known_until, (SELECT max(id) FROM (
                SELECT id FROM attempts WHERE id > known_until ORDER BY id LIMIT ?1))
            FROM store WHERE id = 1
            """)
        find.bind(1, count)
        guard try find.step(), let last = find.optionalInt(1) else {
            find.reset()
            return false
        }
        let known = find.int(0)
        find.reset()
        let insert = try statement(
            """
            INSERT OR IGNORE INTO known_requests (request_hash, batch_id, attempt_id)
            SELECT a.request_hash, a.batch_id, a.id FROM attempts a
            WHERE a.id > ?1 AND a.id <= ?2 AND (
                a.state = 'sent' OR a.state = 'unknown' OR a.state = 'answered' AND EXISTS (
                    SELECT 1 FROM messages m
                    WHERE m.attempt_id = a.id AND m.status = 'complete'
                        AND (m.finish_reason = 'stop' OR m.finish_reason = 'tool_calls')))
            ORDER BY a.request_hash, a.batch_id, a.id
            """)
        insert.bind(1, known)
        insert.bind(2, last)
        try insert.run()
        let update = try statement("UPDATE store SET known_until = ?1 WHERE id = 1")
        update.bind(1, last)
        try update.run()
        return true
    }
}
