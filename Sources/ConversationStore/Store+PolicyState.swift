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
                return try PolicyRows(connection: Connection(handle)).exchange(notes, at: now)
            }
        }
        return try await write { context in
            try PolicyRows(connection: context.connection).exchange(notes, at: now)
        }
    }
}

/// The rows of `limiter_state` and `breaker_state`; lives within one transaction.
private struct PolicyRows {
    let connection: Connection

    func exchange(_ notes: PolicyNotes, at now: Timestamp) throws -> PolicyStates {
        var states = PolicyStates()
        for (name, note) in notes.limiters {
            let settled = note.settled(with: try limiter(name), at: now)
            if note.isChanged { try keep(settled, for: name, at: now) }
            states.limiters[name] = settled
        }
        for (account, note) in notes.breakers {
            let settled = note.settled(with: try breaker(account))
            if note.isChanged { try keep(settled, for: account, at: now) }
            states.breakers[account] = settled
        }
        return states
    }

    private func limiter(_ name: LimiterName) throws -> LimiterState? {
        let find = try connection.statement(
            """
            SELECT requests_per_minute, tokens_per_minute, input_tokens_per_minute, output_tokens_per_minute,
                requests_due_at, tokens_due_at, input_tokens_due_at, output_tokens_due_at, paused_until
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
        state.requestsDueAt = find.int(4)
        state.tokensDueAt = find.int(5)
        state.inputTokensDueAt = find.int(6)
        state.outputTokensDueAt = find.int(7)
        state.pausedUntil = find.optionalInt(8).map { Timestamp(milliseconds: $0) }
        return state
    }

    private func keep(_ state: LimiterState, for name: LimiterName, at now: Timestamp) throws {
        let upsert = try connection.statement(
            """
            INSERT INTO limiter_state (
                provider, account, model, requests_per_minute, tokens_per_minute, input_tokens_per_minute,
                output_tokens_per_minute, requests_due_at, tokens_due_at, input_tokens_due_at,
                output_tokens_due_at, paused_until, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
            ON CONFLICT (provider, account, model) DO UPDATE SET
                requests_per_minute = excluded.requests_per_minute,
                tokens_per_minute = excluded.tokens_per_minute,
                input_tokens_per_minute = excluded.input_tokens_per_minute,
                output_tokens_per_minute = excluded.output_tokens_per_minute,
                requests_due_at = excluded.requests_due_at, tokens_due_at = excluded.tokens_due_at,
                input_tokens_due_at = excluded.input_tokens_due_at,
                output_tokens_due_at = excluded.output_tokens_due_at,
                paused_until = excluded.paused_until, updated_at = excluded.updated_at
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
        try upsert.run()
    }
}

extension PolicyRows {
    private func breaker(_ account: AccountName) throws -> BreakerState? {
        let find = try connection.statement(
            "SELECT state, failures, until FROM breaker_state WHERE provider = ?1 AND account = ?2")
        find.bind(1, account.provider.text)
        find.bind(2, account.fingerprint)
        guard try find.step() else { return nil }
        defer { find.reset() }
        guard let until = find.optionalInt(2).map({ Timestamp(milliseconds: $0) }) else {
            return .closed(failures: find.count(1))
        }
        return find.text(0) == "open" ? .open(until: until) : .probing(until: until)
    }

    private func keep(_ state: BreakerState, for account: AccountName, at now: Timestamp) throws {
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
