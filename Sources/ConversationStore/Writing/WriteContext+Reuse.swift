import ParleyCore

/// An answer that was paid for and can be shared.
struct OriginalAnswer {
    let attempt: AttemptID
    let batch: BatchID
    let message: Int64
    let model: ModelName
    let usage: Usage
    let cost: Picodollars?

    /// ?1 the hash, ?2 to ?3 the batches. Only whole answers that ended by themselves: one that was cut by a limit or a
    /// filter might be another one next time.
    static let sql: StaticString =
        """
        SELECT a.id, k.batch_id, m.id, a.provider, a.model, u.input_uncached, u.cache_read,
            u.cache_write_5m, u.cache_write_1h, u.output, u.reasoning, u.cost_picodollars
        FROM known_requests k
        JOIN attempts a ON a.id = k.attempt_id AND a.request_hash = k.request_hash
        JOIN messages m ON m.attempt_id = a.id AND m.session_id = a.session_id
        JOIN token_usage u ON u.attempt_id = a.id
        WHERE k.request_hash = ?1 AND k.batch_id BETWEEN ?2 AND ?3 AND a.state = 'answered'
            AND m.role = 'assistant' AND m.status = 'complete'
            AND (m.finish_reason = 'stop' OR m.finish_reason = 'tool_calls')
        LIMIT 1
        """

    /// The batch of an identical request that is in the air; what is asked by hand is waited for by nobody, since
    /// nobody would find out that its process has died.
    static let inAirSQL: StaticString =
        """
        SELECT k.batch_id FROM known_requests k
        JOIN attempts a ON a.id = k.attempt_id AND a.request_hash = k.request_hash
        WHERE k.request_hash = ?1 AND k.batch_id BETWEEN ?2 AND ?3 AND k.batch_id > 0 AND a.state = 'sent'
        LIMIT 1
        """
}

extension WriteContext {
    /// As ``open(_:)``, unless the request can share an answer that is there or under way.
    ///
    /// Look, copy and opening are one step of one transaction, and a database has one writer at a time: so of all
    /// processes only one asks, and each job is given its answer together with its end.
    func openShared(_ opening: AttemptOpening, within budget: Budget?) throws -> SharedOpening {
        guard let scope = opening.reuse else { preconditionFailure("nothing is shared without a scope") }
        if let original = try original(for: opening, in: scope) {
            return .reused(try copy(original, for: opening, in: scope))
        }
        if scope.waits, try isInAir(opening, in: scope) { return .inAir }
        var opening = opening
        if let key = try keyOfLost(opening, in: scope) { opening.idempotencyKey = key }
        let opened: BudgetedOpening =
            if let budget { try open(opening, within: budget) } else {
                .granted(try open(opening), BudgetStanding())
            }
        if case .granted(let attempt, _) = opened { try note(opening, as: attempt.attempt) }
        return .asked(opened)
    }

    /// Ends a leased job with a copy of an answer, if there is one.
    func copyAnswer(for opening: AttemptOpening) throws -> CopyOutcome {
        guard let scope = opening.reuse, let original = try original(for: opening, in: scope) else {
            return .gone
        }
        do {
            return .reused(try copy(original, for: opening, in: scope))
        } catch StoreError.leaseLost {
            return .leaseLost
        }
    }

    private func original(for opening: AttemptOpening, in scope: ReuseScope) throws -> OriginalAnswer? {
        let find = try statement(OriginalAnswer.sql)
        bind(opening, in: scope, to: find)
        guard try find.step() else { return nil }
        defer { find.reset() }
        return OriginalAnswer(
            attempt: AttemptID(find.int(0)), batch: BatchID(find.int(1)), message: find.int(2),
            model: ModelName(provider: ProviderName(find.text(3)), model: find.text(4)),
            usage: Usage(
                inputUncached: find.count(5), cacheRead: find.count(6), cacheWrite5m: find.count(7),
                cacheWrite1h: find.count(8), output: find.count(9), reasoning: find.count(10)),
            cost: find.optionalInt(11).map { Picodollars($0) })
    }

    private func isInAir(_ opening: AttemptOpening, in scope: ReuseScope) throws -> Bool {
        let find = try statement(OriginalAnswer.inAirSQL)
        bind(opening, in: scope, to: find)
        return try find.firstInt() != nil
    }

    /// The key of an identical request of which nobody knows what became: a provider that knows the key answers, and bills,
    /// once. A key under which a request failed for good is left alone: it might only bring the failure back.
    private func keyOfLost(_ opening: AttemptOpening, in scope: ReuseScope) throws -> String? {
        let find = try statement(
            """
            SELECT a.idempotency_key FROM known_requests k
            JOIN attempts a ON a.id = k.attempt_id AND a.request_hash = k.request_hash
            WHERE k.request_hash = ?1 AND k.batch_id BETWEEN ?2 AND ?3 AND a.state = 'unknown'
                AND NOT EXISTS (
                    SELECT 1 FROM attempts f
                    WHERE f.session_id = a.session_id AND f.idempotency_key = a.idempotency_key
                        AND f.state = 'failed')
            LIMIT 1
            """)
        bind(opening, in: scope, to: find)
        guard try find.step() else { return nil }
        defer { find.reset() }
        return find.text(0)
    }

    private func bind(_ opening: AttemptOpening, in scope: ReuseScope, to find: Statement) {
        let batches = scope.batches(for: opening.batch)
        find.bind(1, opening.requestHash)
        find.bind(2, batches.lowerBound)
        find.bind(3, batches.upperBound)
    }
}

// The copy.
extension WriteContext {
    private func copy(
        _ original: OriginalAnswer, for opening: AttemptOpening, in scope: ReuseScope
    ) throws -> ReusedAnswer {
        // The lease is looked at first: a job that was lost is refused before anything is changed.
        let known = try session(of: opening.lease)
        let session =
            try known
            ?? insertSession(
                title: opening.title, role: opening.role, model: opening.model, system: opening.system,
                job: opening.lease.job, at: opening.sentAt)
        try finish(opening.lease, session: session)
        if known == nil { try insertMessages(opening.messages, into: session, at: opening.sentAt) }
        let message = try copyReply(original.message, to: session, at: opening.sentAt)
        let answer = ReusedAnswer(
            attempt: original.attempt, way: scope.way(from: original.batch, to: opening.batch),
            model: original.model, usage: original.usage, saved: original.cost)
        try insert(answer, message: message, of: opening)
        try setStatus("done", of: session, at: opening.sentAt)
        rollups.addDone(opening.batch)
        return answer
    }

    private func finish(_ lease: Lease, session: Int64) throws {
        let update = try statement(
            """
            UPDATE jobs SET state = 'done', lease = NULL, session_id = ?3
            WHERE id = ?1 AND lease = ?2 AND state = 'leased'
            """)
        update.bind(1, lease.job.number)
        update.bind(2, lease.token)
        update.bind(3, session)
        try update.run()
        guard connection.changes == 1 else { throw StoreError.leaseLost(lease.job) }
    }

    /// The copy is nobody's request, so it names none. Its calls are open: whoever asked runs them for itself.
    private func copyReply(_ message: Int64, to session: Int64, at now: Timestamp) throws -> Int64 {
        let reply = try statement(
            """
            INSERT INTO messages (
                session_id, position, role, content, reasoning, finish_reason, created_at, continuation)
            SELECT
                ?2, (SELECT coalesce(max(position) + 1, 0) FROM messages WHERE session_id = ?2), 'assistant',
                content, reasoning, finish_reason, ?3, continuation
            FROM messages WHERE id = ?1
            """)
        reply.bind(1, message)
        reply.bind(2, session)
        reply.bind(3, now.milliseconds)
        try reply.run()
        let copy = connection.lastInsertedID
        let calls = try statement(
            """
            INSERT INTO tool_calls (message_id, position, call_id, name, raw, arguments, repaired, state)
            SELECT ?2, position, call_id, name, raw, arguments, repaired, iif(arguments IS NULL, 'invalid', 'pending')
            FROM tool_calls WHERE message_id = ?1
            """)
        calls.bind(1, message)
        calls.bind(2, copy)
        try calls.run()
        return copy
    }

    private func insert(_ answer: ReusedAnswer, message: Int64, of opening: AttemptOpening) throws {
        let insert = try statement(
            """
            INSERT OR REPLACE INTO reused_answers (
                job_id, batch_id, message_id, attempt_id, how, provider, model, role, input_uncached,
                cache_read, cache_write_5m, cache_write_1h, output, reasoning, saved_picodollars, created_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
            """)
        insert.bind(1, opening.lease.job.number)
        insert.bind(2, opening.batch.number)
        insert.bind(3, message)
        insert.bind(4, answer.attempt.number)
        insert.bind(5, answer.way.rawValue)
        insert.bind(6, answer.model.provider.text)
        insert.bind(7, answer.model.model)
        insert.bind(8, opening.role)
        insert.bind(9, answer.usage.inputUncached)
        insert.bind(10, answer.usage.cacheRead)
        insert.bind(11, answer.usage.cacheWrite5m)
        insert.bind(12, answer.usage.cacheWrite1h)
        insert.bind(13, answer.usage.output)
        insert.bind(14, answer.usage.reasoning)
        insert.bind(15, answer.saved?.value)
        insert.bind(16, opening.sentAt.milliseconds)
        try insert.run()
    }
}
