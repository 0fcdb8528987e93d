extension Law {
    /// Of answers that are used again: each is a whole one, is the original's, and is on no bill.
    static let reuseLaws = [
        Law(
            name: "reused-answers-are-whole", severity: .damage,
            sentence: "jobs were given a copy of an answer and are not done, or the copy is not whole.",
            sql: """
                SELECT 'job ' || r.job_id FROM reused_answers r
                JOIN jobs j ON j.id = r.job_id
                LEFT JOIN messages m ON m.id = r.message_id AND m.session_id = j.session_id
                    AND m.role = 'assistant' AND m.status = 'complete' AND m.extra = 0
                WHERE j.state <> 'done' OR j.batch_id <> r.batch_id OR m.id IS NULL
                """),
        Law(
            name: "reused-answers-are-not-billed", severity: .damage,
            sentence: "copies of an answer are said to have been brought by a request.",
            sql: """
                SELECT 'job ' || r.job_id FROM reused_answers r
                JOIN messages m ON m.id = r.message_id WHERE m.attempt_id IS NOT NULL
                """),
        Law(
            name: "reused-answers-equal-their-originals", severity: .damage,
            sentence: "copies differ from the answer, its usage or its cost.",
            sql: """
                SELECT 'job ' || r.job_id FROM reused_answers r
                JOIN messages m ON m.id = r.message_id
                JOIN attempts a ON a.id = r.attempt_id
                LEFT JOIN messages o ON o.attempt_id = a.id AND o.session_id = a.session_id AND o.status = 'complete'
                LEFT JOIN token_usage u ON u.attempt_id = a.id
                WHERE a.state <> 'answered' OR o.content IS NOT m.content OR o.reasoning IS NOT m.reasoning
                    OR u.cost_picodollars IS NOT r.saved_picodollars OR u.output IS NOT r.output
                    OR u.input_uncached + u.cache_read IS NOT r.input_uncached + r.cache_read
                """),
        Law(
            name: "known-requests-are-their-attempts", severity: .damage,
            sentence: "requests are known by another hash or batch than they were sent with.",
            sql: """
                SELECT 'attempt ' || k.attempt_id FROM known_requests k
                LEFT JOIN attempts a ON a.id = k.attempt_id
                WHERE a.id IS NULL OR a.request_hash <> k.request_hash OR a.batch_id <> k.batch_id
                """),
    ]
}
