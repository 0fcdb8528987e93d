import ParleyCore

/// A request that has come to its end: what its row in the ledger and the sums are told.
struct EndedRequest {
    var attempt: AttemptID
    var session: SessionID
    /// 0 for one that was asked by hand.
    var batch: BatchID
    var role: String
    /// The model that was asked.
    var model: ModelName
    var at: Timestamp
    var latency: Duration
    var firstToken: Duration?
}

extension WriteContext {
    /// `reserved` is what may yet be charged for it.
    func markAnswered(_ end: EndedRequest, _ completion: Completion, reserved: Picodollars? = nil) throws {
        let update = try statement(
            """
            UPDATE attempts SET
                state = 'answered', ended_at = ?2, latency_ms = ?3, first_token_ms = ?4, request_id = ?5,
                answered_model = ?6, reserved = ?7
            WHERE id = ?1
            """)
        update.bind(1, end.attempt.number)
        update.bind(2, end.at.milliseconds)
        update.bind(3, max(0, end.latency.milliseconds))
        update.bind(4, end.firstToken.map { max(0, $0.milliseconds) })
        update.bind(5, completion.requestID)
        update.bind(6, completion.model)
        update.bind(7, reserved?.value)
        try update.run()
    }

    /// The usage of an answer, and its share in the sums.
    func bill(_ end: EndedRequest, _ usage: Usage?, cost: Picodollars?, price: PriceID?) throws {
        try insertUsage(usage, of: end.attempt, cost: cost, price: price)
        rollups.addAnswer(end, usage: usage, cost: cost)
    }

    /// With its evidence.
    func markFailed(_ end: EndedRequest, _ failure: Failure, _ record: FailedRequest) throws {
        let update = try statement(
            """
            UPDATE attempts SET
                state = 'failed', ended_at = ?2, latency_ms = ?3, first_token_ms = ?4, failure_kind = ?5,
                reserved = ?6
            WHERE id = ?1
            """)
        update.bind(1, end.attempt.number)
        update.bind(2, end.at.milliseconds)
        update.bind(3, max(0, end.latency.milliseconds))
        update.bind(4, end.firstToken.map { max(0, $0.milliseconds) })
        update.bind(5, failure.kind.rawValue)
        update.bind(6, record.mayCost?.value)
        try update.run()
        let insert = try statement(
            """
            INSERT INTO failed_requests (
                attempt_id, kind, status, code, message, estimated_tokens, estimate_method, messages, body,
                response_body, failed_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            """)
        insert.bind(1, end.attempt.number)
        insert.bind(2, failure.kind.rawValue)
        insert.bind(3, failure.status.map { Int64($0) })
        insert.bind(4, failure.code)
        insert.bind(5, failure.message)
        insert.bind(6, record.estimatedTokens)
        insert.bind(7, record.estimateMethod)
        insert.bind(8, record.messagesCount)
        insert.bind(9, record.body)
        insert.bind(10, record.responseBody)
        insert.bind(11, end.at.milliseconds)
        try insert.run()
    }

    /// What a failed request used all the same, and its share in the sums.
    func bill(_ end: EndedRequest, _ failure: Failure, _ record: FailedRequest) throws {
        if let usage = failure.usage {
            try insertUsage(usage, of: end.attempt, cost: record.cost, price: record.price)
        }
        rollups.addFailure(end, usage: failure.usage, cost: record.cost)
    }

    private func insertUsage(
        _ reported: Usage?, of attempt: AttemptID, cost: Picodollars?, price: PriceID?
    ) throws {
        let usage = reported ?? Usage()
        let insert = try statement(
            """
            INSERT INTO token_usage (
                attempt_id, reported, input_uncached, cache_read, cache_write_5m, cache_write_1h, output,
                reasoning, price_id, cost_picodollars, reported_cost_picodollars)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            """)
        insert.bind(1, attempt.number)
        insert.bind(2, reported != nil)
        insert.bind(3, usage.inputUncached)
        insert.bind(4, usage.cacheRead)
        insert.bind(5, usage.cacheWrite5m)
        insert.bind(6, usage.cacheWrite1h)
        insert.bind(7, usage.output)
        insert.bind(8, usage.reasoning)
        insert.bind(9, price?.number)
        insert.bind(10, cost?.value)
        insert.bind(11, usage.reportedCost?.value)
        try insert.run()
    }
}
