-- Answers that are used again instead of being paid for again.

-- Which requests have been sent, by what they ask: so that an identical one is found without an index on all attempts.
--
-- Kept by runs that reuse answers or collapse rows, and by nobody else: they write down their own requests, and catch up
-- with those of others as far as `store.known_until`. What became of a request stands in `attempts`; one that failed is
-- taken out again, as far as it was seen to.
CREATE TABLE known_requests (
    request_hash BLOB    NOT NULL,
    batch_id     INTEGER NOT NULL,                              -- 0 = asked by hand
    attempt_id   INTEGER NOT NULL,
    PRIMARY KEY (request_hash, batch_id, attempt_id)
) STRICT, WITHOUT ROWID;

-- The last attempt that was looked at; all younger ones are unknown unless their run wrote them down itself.
ALTER TABLE store ADD COLUMN known_until INTEGER NOT NULL DEFAULT 0;

-- An attempt that is deleted is forgotten; its number may be given to another one, which must be looked at.
CREATE TRIGGER known_requests_forget AFTER DELETE ON attempts
BEGIN
    DELETE FROM known_requests
    WHERE request_hash = OLD.request_hash AND batch_id = OLD.batch_id AND attempt_id = OLD.id;
    UPDATE store SET known_until = OLD.id - 1 WHERE known_until >= OLD.id;
END;

-- Jobs that were answered with a copy of another request's answer: they sent nothing and cost nothing.
--
-- The tokens and the cost are the original's: what the job would have taken. They are on no bill, and in no sum of
-- usage_rollups or batch_spend. A copy stays whole when the original is deleted.
CREATE TABLE reused_answers (
    job_id           INTEGER PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
    batch_id         INTEGER NOT NULL,
    message_id       INTEGER NOT NULL UNIQUE REFERENCES messages (id) ON DELETE CASCADE, -- the job's own copy
    attempt_id       INTEGER REFERENCES attempts (id) ON DELETE SET NULL,                -- the request that was paid for
    how              TEXT    NOT NULL CHECK (how = 'reuse' OR how = 'collapse'),
    provider         TEXT    NOT NULL,
    model            TEXT    NOT NULL,
    role             TEXT    NOT NULL,
    input_uncached   INTEGER NOT NULL CHECK (input_uncached >= 0),
    cache_read       INTEGER NOT NULL CHECK (cache_read >= 0),
    cache_write_5m   INTEGER NOT NULL CHECK (cache_write_5m >= 0),
    cache_write_1h   INTEGER NOT NULL CHECK (cache_write_1h >= 0),
    output           INTEGER NOT NULL CHECK (output >= 0),
    reasoning        INTEGER NOT NULL CHECK (reasoning >= 0),
    saved_picodollars INTEGER,                                  -- NULL = unpriced
    created_at       INTEGER NOT NULL
) STRICT;

CREATE INDEX reused_answers_by_attempt ON reused_answers (attempt_id) WHERE attempt_id IS NOT NULL;

-- What the jobs were answered; one that got a copy has no cost of its own.
DROP VIEW answers;
CREATE VIEW answers AS
SELECT
    b.name AS batch,
    j.job_key,
    j.line,
    m.content AS answer,
    m.reasoning,
    m.finish_reason,
    coalesce(a.provider || '/' || a.model, r.provider || '/' || r.model) AS model,
    u.input_uncached + u.cache_read + u.cache_write_5m + u.cache_write_1h AS input_tokens,
    u.cache_read AS cached_tokens,
    u.output AS output_tokens,
    u.cost_picodollars / 1e12 AS cost_usd,
    strftime('%Y-%m-%dT%H:%M:%fZ', coalesce(a.ended_at, r.created_at) / 1000.0, 'unixepoch') AS answered,
    j.session_id,
    j.input,
    r.how AS reused
FROM jobs j
JOIN batches b ON b.id = j.batch_id
JOIN messages m ON m.session_id = j.session_id AND m.role = 'assistant' AND m.status = 'complete'
    AND m.extra = 0
LEFT JOIN reused_answers r ON r.message_id = m.id
LEFT JOIN attempts a ON a.id = m.attempt_id
LEFT JOIN token_usage u ON u.attempt_id = a.id
WHERE j.state = 'done' AND (m.attempt_id IS NOT NULL OR r.job_id IS NOT NULL);
