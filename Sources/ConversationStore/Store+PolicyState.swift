import GRDB
public import ParleyCore

extension Store: PolicyMemory {
    /// Reads where nothing has changed; else merges and writes in one transaction, so that two processes that come at once
    /// lose nothing of each other's.
    public func exchange(_ notes: PolicyNotes, at now: Timestamp) async throws -> PolicyStates {
        guard !notes.isEmpty else { return PolicyStates() }
        guard notes.hasChanges else {
            return try await read { database in
                guard let handle = database.sqliteConnection else { return PolicyStates() }
                let stored = try PolicyRows(connection: Connection(handle), now: now).stored(of: notes)
                return PolicyStates(settling: notes, with: stored, at: now)
            }
        }
        return try await exchange(notes, at: now) { _ in }.states
    }

    public func exchange<Booked: Sendable>(
        _ notes: PolicyNotes, at now: Timestamp, _ book: @escaping @Sendable (inout PolicyStates) -> Booked
    ) async throws -> (states: PolicyStates, booked: Booked) {
        try await write { context in
            let rows = PolicyRows(connection: context.connection, now: now)
            let stored = try rows.stored(of: notes)
            var states = PolicyStates(settling: notes, with: stored, at: now)
            let settled = states
            let booked = book(&states)
            for (name, state) in states.limiters
            where notes.limiters[name]?.isChanged == true || state != settled.limiters[name] {
                try rows.keep(state, for: name, at: now)
            }
            for (account, state) in states.breakers where notes.breakers[account]?.isChanged == true {
                try rows.keep(state, for: account, at: now)
            }
            return (states, booked)
        }
    }

    public func startWait(of name: LimiterName, distance: Double, at now: Timestamp) -> Duration {
        gates.wait(for: name, distance: distance, at: now)
    }
}

/// The rows of `limiter_state` and `breaker_state`; lives within one transaction.
private struct PolicyRows {
    let connection: Connection
    let now: Timestamp

    /// No process waits so long between looking at its clock and writing.
    private static let aheadMax = Duration.seconds(60)

    /// By how much the moments of a row are to be moved, zero as a rule.
    ///
    /// A row that was written further in the future than ``aheadMax`` was written by a clock that was set since, or by a
    /// process that does not know of it: it is read as if it had been written now, or its waits would last for hours.
    private func correction(of updatedAt: Int64) -> Duration {
        let ahead = Timestamp(milliseconds: updatedAt).since(now)
        return ahead > Self.aheadMax ? .zero - ahead : .zero
    }

    func stored(of notes: PolicyNotes) throws -> PolicyStates {
        var states = PolicyStates()
        for name in notes.limiters.keys { states.limiters[name] = try limiter(name) }
        for account in notes.breakers.keys { states.breakers[account] = try breaker(account) }
        return states
    }

    private func limiter(_ name: LimiterName) throws -> LimiterState? {
        let find = try connection.statement(
            """
            SELECT requests_per_minute, tokens_per_minute, input_tokens_per_minute, output_tokens_per_minute,
                requests_due_at, tokens_due_at, input_tokens_due_at, output_tokens_due_at, paused_until,
                learnt_per_minute, proven_per_minute, refused_per_minute, lowered_at, learnt_at, updated_at
            FROM limiter_state WHERE provider = ?1 AND account = ?2 AND model = ?3
            """)
        find.bind(1, name.account.provider.text)
        find.bind(2, name.account.fingerprint)
        find.bind(3, name.model)
        guard try find.step() else { return nil }
        defer { find.reset() }
        func limit(_ column: Int32) -> Int? { find.optionalInt(column).map { Int($0) } }
        var state = LimiterState()
        state.told = RateLimits(
            requests: limit(0), tokens: limit(1), inputTokens: limit(2), outputTokens: limit(3))
        let correction = correction(of: find.int(14))
        func moment(_ column: Int32) -> Timestamp {
            Timestamp(milliseconds: find.int(column)) + correction
        }
        func due(_ column: Int32) -> Int64 { find.int(column) + correction.milliseconds * 1_000_000 }
        state.requestsDueAt = due(4)
        state.tokensDueAt = due(5)
        state.inputTokensDueAt = due(6)
        state.outputTokensDueAt = due(7)
        state.pausedUntil = find.isNull(8) ? nil : moment(8)
        if let perMinute = find.optionalDouble(9) {
            state.learnt = LearntPace(
                perMinute: perMinute, provenPerMinute: find.optionalDouble(10),
                refusedPerMinute: find.optionalDouble(11), loweredAt: moment(12), changedAt: moment(13))
        }
        return state
    }

    func keep(_ state: LimiterState, for name: LimiterName, at now: Timestamp) throws {
        let upsert = try connection.statement(
            """
            INSERT INTO limiter_state (
                provider, account, model, requests_per_minute, tokens_per_minute, input_tokens_per_minute,
                output_tokens_per_minute, requests_due_at, tokens_due_at, input_tokens_due_at,
                output_tokens_due_at, paused_until, updated_at, learnt_per_minute, proven_per_minute,
                refused_per_minute, lowered_at, learnt_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
            ON CONFLICT (provider, account, model) DO UPDATE SET
                requests_per_minute = excluded.requests_per_minute,
                tokens_per_minute = excluded.tokens_per_minute,
                input_tokens_per_minute = excluded.input_tokens_per_minute,
                output_tokens_per_minute = excluded.output_tokens_per_minute,
                requests_due_at = excluded.requests_due_at, tokens_due_at = excluded.tokens_due_at,
                input_tokens_due_at = excluded.input_tokens_due_at,
                output_tokens_due_at = excluded.output_tokens_due_at,
                paused_until = excluded.paused_until, updated_at = excluded.updated_at,
                learnt_per_minute = excluded.learnt_per_minute, proven_per_minute = excluded.proven_per_minute,
                refused_per_minute = excluded.refused_per_minute, lowered_at = excluded.lowered_at,
                learnt_at = excluded.learnt_at
            """)
        upsert.bind(1, name.account.provider.text)
        upsert.bind(2, name.account.fingerprint)
        upsert.bind(3, name.model)
        upsert.bind(4, state.told.requests.map { Int64($0) })
        upsert.bind(5, state.told.tokens.map { Int64($0) })
        upsert.bind(6, state.told.inputTokens.map { Int64($0) })
        upsert.bind(7, state.told.outputTokens.map { Int64($0) })
        upsert.bind(8, state.requestsDueAt)
        upsert.bind(9, state.tokensDueAt)
        upsert.bind(10, state.inputTokensDueAt)
        upsert.bind(11, state.outputTokensDueAt)
        upsert.bind(12, state.pausedUntil?.milliseconds)
        upsert.bind(13, now.milliseconds)
        upsert.bind(14, state.learnt?.perMinute)
        upsert.bind(15, state.learnt?.provenPerMinute)
        upsert.bind(16, state.learnt?.refusedPerMinute)
        upsert.bind(17, state.learnt?.loweredAt.milliseconds)
        upsert.bind(18, state.learnt?.changedAt.milliseconds)
        try upsert.run()
    }
}

extension PolicyRows {
    private func breaker(_ account: AccountName) throws -> BreakerState? {
        let find = try connection.statement(
            "SELECT state, failures, until, updated_at FROM breaker_state WHERE provider = ?1 AND account = ?2"
        )
        find.bind(1, account.provider.text)
        find.bind(2, account.fingerprint)
        guard try find.step() else { return nil }
        defer { find.reset() }
        guard let moment = find.optionalInt(2).map({ Timestamp(milliseconds: $0) }) else {
            return .closed(failures: find.count(1))
        }
        let until = moment + correction(of: find.int(3))
        return find.text(0) == "open" ? .open(until: until) : .probing(until: until)
    }

    fileprivate func keep(_ state: BreakerState, for account: AccountName, at now: Timestamp) throws {
        let upsert = try connection.statement(
            """
            INSERT INTO breaker_state (provider, account, state, failures, until, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (provider, account) DO UPDATE SET
                state = excluded.state, failures = excluded.failures, until = excluded.until,
                updated_at = excluded.updated_at
            """)
        upsert.bind(1, account.provider.text)
        upsert.bind(2, account.fingerprint)
        switch state {
        case .closed(let failures):
            upsert.bind(3, "closed" as StaticString)
            upsert.bind(4, failures)
            upsert.bindNull(5)
        case .open(let until), .probing(let until):
            let word: StaticString = if case .open = state { "open" } else { "probing" }
            upsert.bind(3, word)
            upsert.bind(4, 0)
            upsert.bind(5, until.milliseconds)
        }
        upsert.bind(6, now.milliseconds)
        try upsert.run()
    }
}
