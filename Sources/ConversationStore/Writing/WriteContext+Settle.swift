import ParleyCore

extension WriteContext {
    /// False when the job was not this worker's any more; see ``Store/settle(_:)``.
    func settle(_ settlement: Settlement) throws -> Bool {
        try forgetUnshareable(settlement)
        switch settlement.outcome {
        case .answered(let completion, let cost, let price):
            let claim = try finishJob(settlement)
            if claim != .lost { rollups.addDone(settlement.batch) }
            guard let reservation = try reservation(of: settlement, claim) else { return false }
            try settleAnswer(
                settlement.end, completion, cost: cost, price: price, reservation, isExtra: claim == .lost)
            guard claim != .lost else { return false }
            try setStatus("done", of: settlement.session.number, at: settlement.at)
            return true
        case .failed(let failure, let record, let next):
            let isOurs = try moveJob(settlement, next)
            guard let reservation = try reservation(of: settlement, isOurs ? .held : .lost) else {
                return false
            }
            try settleFailure(settlement.end, failure, record, reservation, isExtra: !isOurs)
            if isOurs, next == .fail {
                try setStatus("done", of: settlement.session.number, at: settlement.at)
            }
            return isOurs
        case .interrupted(let partialText):
            return try interrupt(settlement, partialText: partialText)
        }
    }

    /// By what right a settlement changes its job.
    private enum Claim {
        /// The job was still this worker's.
        case held
        /// Nobody held the job, and the attempt had been given up: this is the job's answer after all.
        case adopted
        case lost
    }

    /// What was reserved for the attempt; nil when its end is known already.
    private func reservation(of settlement: Settlement, _ claim: Claim) throws -> Reservation? {
        // The attempt of a job that is held is under way, and keeps what it was opened with.
        if claim == .held { return Reservation(amount: settlement.reserved ?? .zero, isInAir: true) }
        let find = try statement(
            """
            SELECT reserved, state = 'sent' FROM attempts
            WHERE id = ?1 AND (state = 'sent' OR state = 'unknown')
            """)
        find.bind(1, settlement.attempt.number)
        guard try find.step() else { return nil }
        defer { find.reset() }
        return Reservation(amount: Picodollars(find.int(0)), isInAir: find.int(1) == 1)
    }

    private func keepPartial(_ text: String?, of end: EndedRequest, isExtra: Bool) throws {
        guard let text, !text.isEmpty else { return }
        try insertReply(
            Reply(content: text, status: "partial", isExtra: isExtra), to: end.session.number,
            from: end.attempt, at: end.at)
    }
}

// The job.
extension WriteContext {
    /// Done, if the job is still this worker's, or if it has no answer yet and nobody has sent another request for it:
    /// whoever has leased it meanwhile finds its lease gone before it sends anything.
    private func finishJob(_ settlement: Settlement) throws -> Claim {
        let update = try statement(
            "UPDATE jobs SET state = 'done', lease = NULL WHERE id = ?1 AND lease = ?2 AND state = 'sent'")
        update.bind(1, settlement.lease.job.number)
        update.bind(2, settlement.lease.token)
        try update.run()
        if connection.changes == 1 { return .held }

        let adopt = try statement(
            """
            UPDATE jobs SET state = 'done', lease = NULL, fault = NULL
            WHERE id = ?1 AND session_id = ?2
                AND (state = 'unknown' OR state = 'waiting' OR state = 'leased' OR state = 'failed')
                AND EXISTS (SELECT 1 FROM attempts WHERE id = ?3 AND state = 'unknown')
            """)
        adopt.bind(1, settlement.lease.job.number)
        adopt.bind(2, settlement.session.number)
        adopt.bind(3, settlement.attempt.number)
        try adopt.run()
        return connection.changes == 1 ? .adopted : .lost
    }

    private func moveJob(_ settlement: Settlement, _ next: Settlement.NextStep) throws -> Bool {
        let update: Statement
        switch next {
        case .fail:
            update = try statement(
                """
                UPDATE jobs SET state = 'failed', lease = NULL
                WHERE id = ?1 AND lease = ?2 AND state = 'sent'
                """)
        case .retry(let moment, let candidate):
            update = try statement(
                """
                UPDATE jobs SET
                    lease = NULL, due_at = ?3, candidate = ?4,
                    state = CASE (SELECT state FROM batches WHERE id = batch_id)
                        WHEN 'cancelled' THEN 'cancelled' ELSE 'waiting' END
                WHERE id = ?1 AND lease = ?2 AND state = 'sent'
                """)
            update.bind(3, moment.milliseconds)
            update.bind(4, candidate)
        case .release(let moment):
            update = try statement(
                """
                UPDATE jobs SET
                    lease = NULL, due_at = ?3, attempts = attempts - 1,
                    state = CASE (SELECT state FROM batches WHERE id = batch_id)
                        WHEN 'cancelled' THEN 'cancelled' ELSE 'waiting' END
                WHERE id = ?1 AND lease = ?2 AND state = 'sent'
                """)
            update.bind(3, moment.milliseconds)
        }
        update.bind(1, settlement.lease.job.number)
        update.bind(2, settlement.lease.token)
        try update.run()
        return connection.changes == 1
    }

    /// Unknown, job and attempt alike; what had come of the answer is kept.
    private func interrupt(_ settlement: Settlement, partialText: String?) throws -> Bool {
        let update = try statement(
            """
            UPDATE jobs SET state = 'unknown', lease = NULL, due_at = 0
            WHERE id = ?1 AND lease = ?2 AND state = 'sent'
            """)
        update.bind(1, settlement.lease.job.number)
        update.bind(2, settlement.lease.token)
        try update.run()
        guard connection.changes == 1 else { return false }
        let end = try statement(
            "UPDATE attempts SET state = 'unknown', ended_at = ?2 WHERE id = ?1 AND state = 'sent'")
        end.bind(1, settlement.attempt.number)
        end.bind(2, settlement.at.milliseconds)
        try end.run()
        // It may have been billed, so it stays reserved.
        release(
            Reservation(amount: settlement.reserved ?? .zero, isInAir: true), of: settlement.batch,
            keeping: settlement.reserved)
        try keepPartial(partialText, of: settlement.end, isExtra: false)
        try setStatus("interrupted", of: settlement.session.number, at: settlement.at)
        return true
    }
}

// The ledger.
extension WriteContext {
    private func settleAnswer(
        _ end: EndedRequest, _ completion: Completion, cost: Picodollars?, price: PriceID?,
        _ reservation: Reservation, isExtra: Bool
    ) throws {
        let kept = cost == nil && reservation.amount > .zero ? reservation.amount : nil
        try markAnswered(end, completion, reserved: kept)
        release(reservation, of: end.batch, keeping: kept)
        try insertReply(
            Reply(completion, isExtra: isExtra), to: end.session.number, from: end.attempt, at: end.at)
        try bill(end, completion.usage, cost: cost, price: price)
    }

    private func settleFailure(
        _ end: EndedRequest, _ failure: Failure, _ record: FailedRequest, _ reservation: Reservation,
        isExtra: Bool
    ) throws {
        try markFailed(end, failure, record)
        release(reservation, of: end.batch, keeping: record.mayCost)
        try keepPartial(failure.partialText, of: end, isExtra: isExtra)
        try bill(end, failure, record)
    }
}
