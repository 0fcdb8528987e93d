-- The store as a person wants to read it, in sqlite3 or Datasette: times in ISO 8601, money in dollars.
--
-- Dollars are fractions here, for the eye; sums that must be exact are made of the pico-dollars.

-- Each batch and how far it is.
CREATE VIEW batch_progress AS
SELECT
    b.name AS batch,
    b.state,
    b.jobs,
    count(*) FILTER (WHERE j.state = 'waiting') AS waiting,
    count(*) FILTER (WHERE j.state = 'leased' OR j.state = 'sent') AS running,
    count(*) FILTER (WHERE j.state = 'done') AS done,
    count(*) FILTER (WHERE j.state = 'failed') AS failed,
    count(*) FILTER (WHERE j.state = 'unknown') AS unknown,
    count(*) FILTER (WHERE j.state = 'cancelled') AS cancelled,
    b.source,
    strftime('%Y-%m-%dT%H:%M:%fZ', b.created_at / 1000.0, 'unixepoch') AS created
FROM batches b
LEFT JOIN jobs j ON j.batch_id = b.id
GROUP BY b.id;

-- Each job, in the order of its file.
CREATE VIEW jobs_view AS
SELECT
    j.id,
    b.name AS batch,
    j.job_key,
    j.line,
    j.state,
    j.attempts,
    j.rescues AS asked_again,
    CASE WHEN j.due_at > 0 THEN strftime('%Y-%m-%dT%H:%M:%fZ', j.due_at / 1000.0, 'unixepoch') END AS due,
    j.session_id,
    j.input
FROM jobs j
JOIN batches b ON b.id = j.batch_id;

-- Each request that was sent.
CREATE VIEW requests AS
SELECT
    a.id,
    a.session_id,
    b.name AS batch,
    j.job_key,
    a.provider || '/' || a.model AS model,
    a.role,
    a.state,
    a.failure_kind,
    strftime('%Y-%m-%dT%H:%M:%fZ', a.sent_at / 1000.0, 'unixepoch') AS sent,
    a.latency_ms,
    a.first_token_ms,
    u.input_uncached,
    u.cache_read,
    u.cache_write_5m + u.cache_write_1h AS cache_write,
    u.output,
    u.reasoning,
    u.cost_picodollars / 1e12 AS cost_usd,
    a.idempotency_key
FROM attempts a
JOIN sessions s ON s.id = a.session_id
LEFT JOIN jobs j ON j.id = s.job_id
LEFT JOIN batches b ON b.id = j.batch_id
LEFT JOIN token_usage u ON u.attempt_id = a.id;

-- What the jobs were answered.
CREATE VIEW answers AS
SELECT
    b.name AS batch,
    j.job_key,
    j.line,
    m.content AS answer,
    m.reasoning,
    m.finish_reason,
    a.provider || '/' || a.model AS model,
    u.input_uncached + u.cache_read + u.cache_write_5m + u.cache_write_1h AS input_tokens,
    u.cache_read AS cached_tokens,
    u.output AS output_tokens,
    u.cost_picodollars / 1e12 AS cost_usd,
    strftime('%Y-%m-%dT%H:%M:%fZ', a.ended_at / 1000.0, 'unixepoch') AS answered,
    j.session_id,
    j.input
FROM jobs j
JOIN batches b ON b.id = j.batch_id
JOIN messages m ON m.session_id = j.session_id AND m.role = 'assistant' AND m.status = 'complete'
    AND m.extra = 0 AND m.attempt_id IS NOT NULL
JOIN attempts a ON a.id = m.attempt_id
LEFT JOIN token_usage u ON u.attempt_id = a.id
WHERE j.state = 'done';

-- What went wrong, with the provider's words.
CREATE VIEW failures AS
SELECT
    strftime('%Y-%m-%dT%H:%M:%fZ', f.failed_at / 1000.0, 'unixepoch') AS failed,
    b.name AS batch,
    j.job_key,
    j.state AS job_state,
    a.provider || '/' || a.model AS model,
    f.kind,
    f.status,
    f.code,
    f.message,
    f.estimated_tokens,
    f.attempt_id,
    a.session_id
FROM failed_requests f
JOIN attempts a ON a.id = f.attempt_id
JOIN sessions s ON s.id = a.session_id
LEFT JOIN jobs j ON j.id = s.job_id
LEFT JOIN batches b ON b.id = j.batch_id;

-- The bill, by UTC day.
CREATE VIEW costs_by_day AS
SELECT
    strftime('%Y-%m-%d', r.hour / 1000, 'unixepoch') AS day,
    r.provider || '/' || r.model AS model,
    r.role,
    b.name AS batch,
    sum(r.answered) AS answered,
    sum(r.failed) AS failed,
    sum(r.unpriced) AS unpriced,
    sum(r.unreported) AS usage_missing,
    sum(r.input_uncached) AS input_uncached,
    sum(r.cache_read) AS cache_read,
    sum(r.cache_write_5m + r.cache_write_1h) AS cache_write,
    sum(r.output) AS output,
    sum(r.reasoning) AS reasoning,
    sum(r.cost_picodollars) AS cost_picodollars,
    sum(r.cost_picodollars) / 1e12 AS cost_usd
FROM usage_rollups r
LEFT JOIN batches b ON b.id = r.batch_id
GROUP BY day, r.provider, r.model, r.role, r.batch_id;

-- The conversations, turn by turn.
CREATE VIEW transcripts AS
SELECT
    s.id AS session_id,
    s.title,
    s.status AS session_status,
    m.position,
    m.role,
    m.content,
    m.reasoning,
    m.status,
    m.finish_reason,
    strftime('%Y-%m-%dT%H:%M:%fZ', m.created_at / 1000.0, 'unixepoch') AS created
FROM messages m
JOIN sessions s ON s.id = m.session_id
ORDER BY m.session_id, m.position;

-- The prices in dollars for a million tokens.
CREATE VIEW price_list AS
SELECT
    provider || '/' || model AS model,
    strftime('%Y-%m-%d', effective_from / 1000, 'unixepoch') AS effective,
    input / 1e6 AS input_usd,
    output / 1e6 AS output_usd,
    cache_read / 1e6 AS cache_read_usd,
    cache_write_5m / 1e6 AS cache_write_5m_usd,
    cache_write_1h / 1e6 AS cache_write_1h_usd,
    tiers,
    source
FROM prices
ORDER BY provider, prices.model, effective_from;
