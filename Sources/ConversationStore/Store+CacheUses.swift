import GRDB
public import ParleyCore

extension Store {
    /// So many requests are read at once.
    static let cacheUsesAtOnce = 2000

    /// Gives the requests of jobs whose provider has told its usage, one by one, on the calling thread.
    ///
    /// They come in the order in which they were written down, which is that of sending up to some milliseconds: each is
    /// written down just before it is sent. Between two slices the database is let go.
    public func cacheUses(_ query: CacheUseQuery, each: (CacheUse) throws -> Void) async throws {
        try eachCacheUse(query, each)
    }

    private func eachCacheUse(_ query: CacheUseQuery, _ each: (CacheUse) throws -> Void) throws {
        var last: Int64? = 0
        while let after = last {
            let slice = try readHere { database -> [CacheUse] in
                guard let connection = database.sqliteConnection else { return [] }
                let rows = try Connection(connection).statement(CacheUse.sql)
                query.bind(to: rows)
                rows.bind(4, after)
                rows.bind(5, Self.cacheUsesAtOnce)
                var slice: [CacheUse] = []
                while try rows.step() { slice.append(CacheUse(rows)) }
                return slice
            }
            for use in slice { try each(use) }
            last = slice.count < Self.cacheUsesAtOnce ? nil : slice.last?.attempt.number
        }
    }

    /// The same requests added up by batch, model and prefix key, in this order; keys with the same first level stand
    /// together.
    public func cacheUseSums(_ query: CacheUseQuery, each: (CacheUseSums) throws -> Void) async throws {
        try readHere { database in
            guard let connection = database.sqliteConnection else { return }
            let rows = try Connection(connection).statement(CacheUseSums.sql)
            query.bind(to: rows)
            defer { rows.reset() }
            while try rows.step() { try each(CacheUseSums(rows)) }
        }
    }

    /// What the conversations of jobs begin with: so many characters of the first user's turn, after `head` where it begins
    /// with that. A job without a conversation is left out.
    public func openings(
        of jobs: [JobID], after head: String = "", characters: Int
    ) async throws -> [JobID: String] {
        try readHere { database in
            guard let connection = database.sqliteConnection else { return [:] }
            let find = try Connection(connection).statement(
                """
                SELECT CASE WHEN ?2 = 0 THEN substr(m.content, 1, ?4)
                    WHEN substr(m.content, 1, ?2) = ?3 THEN substr(m.content, ?2 + 1, ?4)
                    ELSE substr(m.content, 1, ?4) END
                FROM sessions s JOIN messages m ON m.session_id = s.id AND m.role = 'user'
                WHERE s.job_id = ?1 ORDER BY m.position LIMIT 1
                """)
            find.bind(2, head.unicodeScalars.count)
            find.bind(3, head)
            find.bind(4, characters)
            var openings: [JobID: String] = [:]
            for job in jobs {
                find.bind(1, job.number)
                if try find.step() { openings[job] = find.text(0) }
                find.reset()
            }
            return openings
        }
    }
}

extension CacheUseQuery {
    fileprivate func bind(to statement: Statement) {
        let hour = RollupSums.hourMilliseconds
        statement.bind(1, batch?.number ?? 0)
        statement.bind(2, (since?.milliseconds ?? 0) / hour * hour)
        statement.bind(3, until.map { ($0.milliseconds + hour - 1) / hour * hour } ?? .max)
    }
}

extension CacheUse {
    // The requests come first, whatever the planner thinks: their order is the one that is wanted.
    static let sql: StaticString =
        """
        SELECT a.id, a.batch_id, s.job_id, a.provider, a.model, j.prefix, a.state, a.sent_at,
            coalesce(a.first_token_ms, a.latency_ms, a.ended_at - a.sent_at), u.input_uncached, u.cache_read,
            u.cache_write_5m, u.cache_write_1h, u.output, u.reasoning, u.price_id, u.cost_picodollars
        FROM attempts a
        CROSS JOIN token_usage u ON u.attempt_id = a.id AND u.reported = 1
        CROSS JOIN sessions s ON s.id = a.session_id
        CROSS JOIN jobs j ON j.id = s.job_id
        WHERE a.id > ?4 AND a.batch_id > 0 AND (?1 = 0 OR a.batch_id = ?1)
            AND a.ended_at >= ?2 AND a.ended_at < ?3
        ORDER BY a.id LIMIT ?5
        """

    fileprivate init(_ row: Statement) {
        self.init(
            attempt: AttemptID(row.int(0)), batch: BatchID(row.int(1)), job: JobID(row.int(2)),
            model: ModelName(provider: ProviderName(row.text(3)), model: row.text(4)),
            prefix: row.optionalInt(5).map { PrefixKey($0) }, state: row.text(6),
            sentAt: Timestamp(milliseconds: row.int(7)), firstToken: .milliseconds(max(0, row.int(8))),
            usage: Usage(
                inputUncached: row.count(9), cacheRead: row.count(10), cacheWrite5m: row.count(11),
                cacheWrite1h: row.count(12), output: row.count(13), reasoning: row.count(14)),
            price: row.optionalInt(15).map { PriceID($0) },
            cost: row.optionalInt(16).map { Picodollars($0) })
    }
}

extension CacheUseSums {
    static let sql: StaticString =
        """
        SELECT a.batch_id, a.provider, a.model, j.prefix, count(*), min(j.id), max(j.id), max(u.cache_read),
            coalesce(min(nullif(u.cache_read, 0)), 0), max(u.cache_read + u.cache_write_5m + u.cache_write_1h),
            min(u.input_uncached + u.cache_read + u.cache_write_5m + u.cache_write_1h),
            max(u.cache_write_5m + u.cache_write_1h) > 0
        FROM attempts a
        CROSS JOIN token_usage u ON u.attempt_id = a.id AND u.reported = 1
        CROSS JOIN sessions s ON s.id = a.session_id
        CROSS JOIN jobs j ON j.id = s.job_id
        WHERE a.id > 0 AND a.batch_id > 0 AND (?1 = 0 OR a.batch_id = ?1)
            AND a.ended_at >= ?2 AND a.ended_at < ?3
        GROUP BY a.batch_id, a.provider, a.model, j.prefix
        ORDER BY a.batch_id, a.provider, a.model, j.prefix
        """

    fileprivate init(_ row: Statement) {
        self.init(
            batch: BatchID(row.int(0)),
            model: ModelName(provider: ProviderName(row.text(1)), model: row.text(2)),
            prefix: row.optionalInt(3).map { PrefixKey($0) }, requests: row.count(4),
            jobs: row.int(5)...row.int(6), readMax: row.count(7), readLeast: row.count(8),
            heldMax: row.count(9), inputLeast: row.count(10), writes: row.int(11) != 0)
    }
}
