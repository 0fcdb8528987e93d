import ParleyCore

extension WriteContext {
    /// The job is in the air from here on; its conversation begins with its first request.
    func open(_ opening: AttemptOpening) throws -> OpenAttempt {
        // The lease is looked at first: a job that was lost is refused before anything is changed.
        let known = try opening.session?.number ?? session(of: opening.lease)
        let isFirst = known == nil
        let session =
            try known
            ?? insertSession(
                title: opening.title, role: opening.role, model: opening.model, system: opening.system,
                job: opening.lease.job, at: opening.sentAt)
        try takeOff(opening.lease, session: session)
        if isFirst {
            try insertMessages(opening.messages, into: session, at: opening.sentAt)
        } else {
            try setStatus("active", of: session, at: opening.sentAt)
        }
        let attempt = try insertAttempt(opening, session: session)
        if let worstCase = opening.worstCase {
            rollups.spending.add(SpendSums.Sums(inAir: worstCase), to: opening.batch)
        }
        return OpenAttempt(
            attempt: AttemptID(attempt), session: SessionID(session), reserved: opening.worstCase,
            idempotencyKey: opening.idempotencyKey)
    }

    /// The conversation that an earlier request of the job began, nil if there was none.
    func session(of lease: Lease) throws -> Int64? {
        let find = try statement(
            "SELECT session_id FROM jobs WHERE id = ?1 AND lease = ?2 AND state = 'leased'")
        find.bind(1, lease.job.number)
        find.bind(2, lease.token)
        guard try find.step() else { throw StoreError.leaseLost(lease.job) }
        defer { find.reset() }
        return find.optionalInt(0)
    }

    private func takeOff(_ lease: Lease, session: Int64) throws {
        let update = try statement(
            """
            UPDATE jobs SET state = 'sent', attempts = attempts + 1, session_id = ?3
            WHERE id = ?1 AND lease = ?2 AND state = 'leased'
            """)
        update.bind(1, lease.job.number)
        update.bind(2, lease.token)
        update.bind(3, session)
        try update.run()
        guard connection.changes == 1 else { throw StoreError.leaseLost(lease.job) }
    }

    private func insertAttempt(_ opening: AttemptOpening, session: Int64) throws -> Int64 {
        let insert = try statement(
            """
            INSERT INTO attempts (
                session_id, batch_id, provider, model, role, request_hash, idempotency_key, sent_at,
                reserved)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """)
        insert.bind(1, session)
        insert.bind(2, opening.batch.number)
        insert.bind(3, opening.model.provider.text)
        insert.bind(4, opening.model.model)
        insert.bind(5, opening.role)
        insert.bind(6, opening.requestHash)
        insert.bind(7, opening.idempotencyKey)
        insert.bind(8, opening.sentAt.milliseconds)
        insert.bind(9, opening.worstCase?.value)
        try insert.run()
        return connection.lastInsertedID
    }
}
