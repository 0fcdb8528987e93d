CREATE INDEX attempts_by_session ON attempts (session_id);

CREATE INDEX attempts_unknown ON attempts (batch_id) WHERE state = 'unknown';

CREATE INDEX batches_open ON batches (priority DESC, id) WHERE state = 'open';

CREATE INDEX failed_requests_by_age ON failed_requests (failed_at);

CREATE INDEX jobs_by_prefix ON jobs (batch_id, prefix, id) WHERE state = 'waiting' AND prefix IS NOT NULL;

CREATE INDEX jobs_cancelled ON jobs (batch_id, id) WHERE state = 'cancelled';

CREATE INDEX jobs_failed ON jobs (batch_id, id) WHERE state = 'failed';

CREATE INDEX jobs_held ON jobs (due_at) WHERE lease IS NOT NULL;

CREATE INDEX jobs_rescued ON jobs (batch_id, rescues) WHERE rescues > 0;

CREATE INDEX jobs_unknown ON jobs (batch_id, id) WHERE state = 'unknown';

CREATE INDEX jobs_waiting ON jobs (batch_id, due_at, id) WHERE state = 'waiting';

CREATE INDEX messages_by_attempt ON messages (attempt_id) WHERE attempt_id IS NOT NULL;

CREATE INDEX reused_answers_by_attempt ON reused_answers (attempt_id) WHERE attempt_id IS NOT NULL;

CREATE INDEX sessions_by_hand ON sessions (updated_at) WHERE job_id IS NULL;

CREATE INDEX sessions_forked ON sessions (parent_id) WHERE parent_id IS NOT NULL;

CREATE INDEX sessions_interrupted ON sessions (updated_at) WHERE status = 'interrupted';

CREATE UNIQUE INDEX sessions_of_jobs ON sessions (job_id) WHERE job_id IS NOT NULL;

CREATE INDEX tool_calls_open ON tool_calls (message_id) WHERE state = 'pending';

CREATE INDEX usage_rollups_by_batch ON usage_rollups (batch_id, hour);

CREATE TABLE attempts (
    id              INTEGER PRIMARY KEY,
    session_id      INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    batch_id        INTEGER NOT NULL DEFAULT 0,                 -- 0 = asked by hand
    provider        TEXT    NOT NULL,
    model           TEXT    NOT NULL,
    role            TEXT    NOT NULL,
    request_hash    BLOB    NOT NULL,
    idempotency_key TEXT    NOT NULL,
    state           TEXT    NOT NULL DEFAULT 'sent'
        CHECK (state = 'sent' OR state = 'answered' OR state = 'failed' OR state = 'unknown'),
    sent_at         INTEGER NOT NULL,
    ended_at        INTEGER,
    latency_ms      INTEGER CHECK (latency_ms IS NULL OR latency_ms >= 0),
    first_token_ms  INTEGER CHECK (first_token_ms IS NULL OR first_token_ms >= 0),
    request_id      TEXT,                                       -- the provider's own id of the exchange
    answered_model  TEXT,                                       -- the model in the provider's words
    failure_kind    TEXT, reserved INTEGER CHECK (reserved IS NULL OR reserved > 0),
    CHECK ((state = 'sent') = (ended_at IS NULL)),
    CHECK ((state = 'failed') = (failure_kind IS NOT NULL))
) STRICT;

CREATE TABLE batch_counts (
    batch_id INTEGER PRIMARY KEY REFERENCES batches (id) ON DELETE CASCADE,
    done     INTEGER NOT NULL CHECK (done >= 0)
) STRICT;

CREATE TABLE batch_spend (
    batch_id INTEGER PRIMARY KEY,                               -- 0 = asked by hand
    spent    INTEGER NOT NULL,                                  -- in pico-dollars, like the others
    held     INTEGER NOT NULL,                                  -- reserved by requests that are over
    in_air   INTEGER NOT NULL                                   -- reserved by requests that are under way
) STRICT;

CREATE TABLE batches (
    id           INTEGER PRIMARY KEY,
    name         TEXT    NOT NULL UNIQUE CHECK (name <> ''),
    state        TEXT    NOT NULL DEFAULT 'open'
        CHECK (state = 'open' OR state = 'paused' OR state = 'cancelled'),
    priority     INTEGER NOT NULL DEFAULT 0,                    -- higher goes first
    settings     TEXT    NOT NULL CHECK (json_valid(settings)), -- all but the system prompt
    system_id    INTEGER REFERENCES contents (id),
    source       TEXT    NOT NULL DEFAULT '',                   -- the file's name
    jobs         INTEGER NOT NULL DEFAULT 0 CHECK (jobs >= 0),
    first_job_id INTEGER,                                       -- all its jobs lie between these two,
    last_job_id  INTEGER,                                       -- in the order of the file
    created_at   INTEGER NOT NULL, deadline INTEGER, revision INTEGER NOT NULL DEFAULT 0, pruned_at INTEGER, pruned_failed INTEGER CHECK ((pruned_failed IS NULL) = (pruned_at IS NULL)), pruned_cancelled INTEGER CHECK ((pruned_cancelled IS NULL) = (pruned_at IS NULL)),
    CHECK ((jobs = 0) = (first_job_id IS NULL)),
    CHECK ((first_job_id IS NULL) = (last_job_id IS NULL)),
    CHECK (first_job_id <= last_job_id)
) STRICT;

CREATE TABLE breaker_state (
    provider   TEXT    NOT NULL,
    account    TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state = 'closed' OR state = 'open' OR state = 'probing'),
    failures   INTEGER NOT NULL CHECK (failures >= 0),                      -- in a row, while it is closed
    until      INTEGER,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (provider, account),
    CHECK ((state = 'closed') = (until IS NULL)),
    CHECK (state = 'closed' OR failures = 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE contents (
    id     INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
    text   TEXT NOT NULL
) STRICT;

CREATE TABLE failed_requests (
    attempt_id       INTEGER PRIMARY KEY REFERENCES attempts (id) ON DELETE CASCADE,
    kind             TEXT    NOT NULL,
    status           INTEGER,                                   -- HTTP
    code             TEXT,
    message          TEXT    NOT NULL,                          -- the provider's words, without prompt or key
    estimated_tokens INTEGER NOT NULL,
    estimate_method  TEXT    NOT NULL,
    messages         INTEGER NOT NULL,
    body             TEXT    NOT NULL,                          -- the request as sent, without its key
    response_body    TEXT,
    failed_at        INTEGER NOT NULL
) STRICT;

CREATE TABLE imported_answers (
    message_id       INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    model            TEXT,
    usage            TEXT    CHECK (usage IS NULL OR json_valid(usage)),
    cost_picodollars INTEGER
) STRICT;

CREATE TABLE imports (
    origin      TEXT    NOT NULL PRIMARY KEY,                               -- `llm:…`, `parley:…`, `openai:…`
    session_id  INTEGER NOT NULL UNIQUE REFERENCES sessions (id) ON DELETE CASCADE,
    messages    INTEGER NOT NULL CHECK (messages >= 0),                     -- so many of the source's were taken
    digest      BLOB    NOT NULL CHECK (length(digest) = 32),
    source      TEXT    NOT NULL,                                           -- the file's name
    imported_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
    id         INTEGER PRIMARY KEY,
    batch_id   INTEGER NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
    job_key    TEXT    NOT NULL,                                -- the row's own id, else its line number
    line       INTEGER NOT NULL,                                -- where the row starts in its file
    input      TEXT    NOT NULL,                                -- the row's columns: a JSON object
    system_id  INTEGER REFERENCES contents (id),                -- the row's own long system prompt
    state      TEXT    NOT NULL DEFAULT 'waiting'
        CHECK (
            state = 'waiting' OR state = 'leased' OR state = 'sent' OR state = 'done' OR state = 'failed'
            OR state = 'unknown' OR state = 'cancelled'),
    attempts   INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    round      INTEGER NOT NULL DEFAULT 0 CHECK (round >= 0),
    candidate  INTEGER NOT NULL DEFAULT 0 CHECK (candidate >= 0), -- 0 the model, 1… its fallbacks
    rescues    INTEGER NOT NULL DEFAULT 0 CHECK (rescues >= 0), -- asked again without knowing of the first answer
    due_at     INTEGER NOT NULL DEFAULT 0,
    lease      BLOB    CHECK (lease IS NULL OR length(lease) = 16), -- fencing token: the worker's 8 bytes, 8 random
    fault      TEXT,                                            -- why no request could be made of it
    session_id INTEGER, prefix INTEGER CHECK (prefix IS NULL OR prefix > 0),                                         -- kept here too, so that leasing needs no look-up
    UNIQUE (batch_id, job_key),
    CHECK ((state = 'leased' OR state = 'sent') = (lease IS NOT NULL)),
    CHECK (fault IS NULL OR state = 'failed'),
    CHECK (session_id IS NOT NULL OR (state <> 'sent' AND state <> 'done' AND state <> 'unknown'))
) STRICT;

CREATE TABLE known_requests (
    request_hash BLOB    NOT NULL,
    batch_id     INTEGER NOT NULL,                              -- 0 = asked by hand
    attempt_id   INTEGER NOT NULL,
    PRIMARY KEY (request_hash, batch_id, attempt_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE limiter_state (
    provider                 TEXT    NOT NULL,
    account                  TEXT    NOT NULL,
    model                    TEXT    NOT NULL,
    requests_per_minute      INTEGER CHECK (requests_per_minute > 0),
    tokens_per_minute        INTEGER CHECK (tokens_per_minute > 0),         -- input and output together
    input_tokens_per_minute  INTEGER CHECK (input_tokens_per_minute > 0),
    output_tokens_per_minute INTEGER CHECK (output_tokens_per_minute > 0),
    requests_due_at          INTEGER NOT NULL,
    tokens_due_at            INTEGER NOT NULL,
    input_tokens_due_at      INTEGER NOT NULL,
    output_tokens_due_at     INTEGER NOT NULL,
    paused_until             INTEGER,                                       -- the provider has asked for silence
    updated_at               INTEGER NOT NULL, learnt_per_minute REAL CHECK (learnt_per_minute > 0), proven_per_minute REAL CHECK (proven_per_minute > 0), refused_per_minute REAL CHECK (refused_per_minute > 0), lowered_at INTEGER
    CHECK ((lowered_at IS NULL) = (learnt_per_minute IS NULL)), learnt_at INTEGER
    CHECK ((learnt_at IS NULL) = (learnt_per_minute IS NULL)),
    PRIMARY KEY (provider, account, model)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE message_words USING fts5 (
    content, reasoning,
    content = 'indexed_messages', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2', prefix = '2'
);

CREATE TABLE 'message_words_config'(k PRIMARY KEY, v) WITHOUT ROWID;

CREATE TABLE 'message_words_data'(id INTEGER PRIMARY KEY, block BLOB);

CREATE TABLE 'message_words_docsize'(id INTEGER PRIMARY KEY, sz BLOB);

CREATE TABLE 'message_words_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;

CREATE TABLE messages (
    id            INTEGER PRIMARY KEY,
    session_id    INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    position      INTEGER NOT NULL CHECK (position >= 0),
    role          TEXT    NOT NULL
        CHECK (role = 'user' OR role = 'assistant' OR role = 'system' OR role = 'tool'),
    content       TEXT    NOT NULL,
    reasoning     TEXT,
    status        TEXT    NOT NULL DEFAULT 'complete' CHECK (status = 'complete' OR status = 'partial'),
    finish_reason TEXT,
    attempt_id    INTEGER REFERENCES attempts (id) ON DELETE SET NULL,      -- the request that brought it
    tool_call_id  TEXT,                                                     -- the call that a tool's turn answers
    is_error      INTEGER NOT NULL DEFAULT 0 CHECK (is_error = 0 OR is_error = 1),
    is_protected  INTEGER NOT NULL DEFAULT 0 CHECK (is_protected = 0 OR is_protected = 1),
    extra         INTEGER NOT NULL DEFAULT 0 CHECK (extra = 0 OR extra = 1),
    created_at    INTEGER NOT NULL, continuation TEXT CHECK (continuation IS NULL OR json_valid(continuation)), set_aside_at INTEGER,
    UNIQUE (session_id, position),
    CHECK (role = 'assistant' OR (status = 'complete' AND extra = 0 AND attempt_id IS NULL)),
    CHECK ((role = 'tool') = (tool_call_id IS NOT NULL))
) STRICT;

CREATE TABLE open_turns (
    session_id  INTEGER PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    worker      BLOB    NOT NULL CHECK (length(worker) = 8),                -- workers.token
    attempt_id  INTEGER REFERENCES attempts (id) ON DELETE SET NULL,        -- the request that is in the air
    message_id  INTEGER REFERENCES messages (id) ON DELETE SET NULL,        -- what has come of its answer
    replaces_id INTEGER REFERENCES messages (id) ON DELETE SET NULL,        -- the broken answer that it goes on with
    opened_at   INTEGER NOT NULL,
    touched_at  INTEGER NOT NULL                                            -- the last sign of life
) STRICT;

CREATE TABLE prices (
    id                 INTEGER PRIMARY KEY,
    provider           TEXT    NOT NULL,
    model              TEXT    NOT NULL,
    effective_from     INTEGER NOT NULL,
    input              INTEGER NOT NULL CHECK (input >= 0),
    output             INTEGER NOT NULL CHECK (output >= 0),
    cache_read         INTEGER CHECK (cache_read >= 0),         -- NULL = charged as input
    cache_write_5m     INTEGER CHECK (cache_write_5m >= 0),
    cache_write_1h     INTEGER CHECK (cache_write_1h >= 0),
    reasoning          INTEGER CHECK (reasoning >= 0),          -- NULL = charged as output
    tiers              TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(tiers)),
    context_tokens_max INTEGER,
    output_tokens_max  INTEGER,
    source             TEXT    NOT NULL,
    UNIQUE (provider, model, effective_from)
) STRICT;

CREATE TABLE pruned_usage (
    hour             INTEGER NOT NULL CHECK (hour % 3600000 = 0),
    provider         TEXT    NOT NULL,
    model            TEXT    NOT NULL,
    role             TEXT    NOT NULL,
    batch_id         INTEGER NOT NULL,                          -- 0 = asked by hand
    answered         INTEGER NOT NULL,
    failed           INTEGER NOT NULL,
    unpriced         INTEGER NOT NULL,
    unreported       INTEGER NOT NULL,
    input_uncached   INTEGER NOT NULL,
    cache_read       INTEGER NOT NULL,
    cache_write_5m   INTEGER NOT NULL,
    cache_write_1h   INTEGER NOT NULL,
    output           INTEGER NOT NULL,
    reasoning        INTEGER NOT NULL,
    cost_picodollars INTEGER NOT NULL,
    held_picodollars INTEGER NOT NULL,
    PRIMARY KEY (hour, provider, model, role, batch_id)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE schema_migrations (
    name       TEXT    NOT NULL PRIMARY KEY,
    sha256     TEXT    NOT NULL CHECK (length(sha256) = 64),
    applied_at INTEGER NOT NULL
) STRICT;

CREATE TABLE search_index (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    indexed_until INTEGER NOT NULL CHECK (indexed_until >= 0),  -- messages.id; all up to it are in the index
    wipe_due      INTEGER NOT NULL CHECK (wipe_due = 0 OR wipe_due = 1), -- it still holds words of deleted messages
    -- The file was written by a parley that did not overwrite what it freed; a vacuum makes it new.
    has_remains   INTEGER NOT NULL CHECK (has_remains = 0 OR has_remains = 1)
) STRICT;

CREATE TABLE sessions (
    id         INTEGER PRIMARY KEY,
    title      TEXT    NOT NULL DEFAULT '',
    role       TEXT    NOT NULL DEFAULT 'default',
    model      TEXT    NOT NULL,                                            -- provider/model that it began with
    system_id  INTEGER REFERENCES contents (id),
    status     TEXT    NOT NULL DEFAULT 'active'
        CHECK (status = 'active' OR status = 'interrupted' OR status = 'done' OR status = 'archived'),
    parent_id  INTEGER REFERENCES sessions (id) ON DELETE SET NULL,         -- what it was forked from
    job_id     INTEGER REFERENCES jobs (id) ON DELETE CASCADE,              -- the job whose conversation it is
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
, settings TEXT CHECK (settings IS NULL OR json_valid(settings)), forked_messages INTEGER) STRICT;

CREATE TABLE store (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    identity   TEXT    NOT NULL CHECK (length(identity) = 12),
    created_at INTEGER NOT NULL
, known_until INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE token_usage (
    attempt_id                INTEGER PRIMARY KEY REFERENCES attempts (id) ON DELETE CASCADE,
    reported                  INTEGER NOT NULL CHECK (reported = 0 OR reported = 1),
    input_uncached            INTEGER NOT NULL CHECK (input_uncached >= 0),
    cache_read                INTEGER NOT NULL CHECK (cache_read >= 0),
    cache_write_5m            INTEGER NOT NULL CHECK (cache_write_5m >= 0),
    cache_write_1h            INTEGER NOT NULL CHECK (cache_write_1h >= 0),
    output                    INTEGER NOT NULL CHECK (output >= 0),
    reasoning                 INTEGER NOT NULL CHECK (reasoning >= 0),      -- a part of output
    price_id                  INTEGER REFERENCES prices (id),
    cost_picodollars          INTEGER,
    reported_cost_picodollars INTEGER,                                      -- in the provider's words
    CHECK (reported = 1 OR (input_uncached + cache_read + cache_write_5m + cache_write_1h + output = 0))
) STRICT;

CREATE TABLE tool_calls (
    id         INTEGER PRIMARY KEY,
    message_id INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL CHECK (position >= 0),
    call_id    TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    raw        TEXT    NOT NULL,                                            -- the arguments as the model wrote them
    arguments  TEXT    CHECK (arguments IS NULL OR json_valid(arguments)),  -- as they could be read
    repaired   INTEGER NOT NULL DEFAULT 0 CHECK (repaired = 0 OR repaired = 1),
    result     TEXT,
    is_error   INTEGER NOT NULL DEFAULT 0 CHECK (is_error = 0 OR is_error = 1),
    state      TEXT    NOT NULL DEFAULT 'pending'
        CHECK (state = 'pending' OR state = 'answered' OR state = 'invalid'), started_at INTEGER,
    UNIQUE (message_id, position),
    CHECK ((state = 'invalid') = (arguments IS NULL)),
    CHECK ((state = 'answered') = (result IS NOT NULL))
) STRICT;

CREATE TABLE usage_rollups (
    hour             INTEGER NOT NULL CHECK (hour % 3600000 = 0),           -- in which the attempts ended
    provider         TEXT    NOT NULL,
    model            TEXT    NOT NULL,
    role             TEXT    NOT NULL,
    batch_id         INTEGER NOT NULL,                                      -- 0 = asked by hand
    answered         INTEGER NOT NULL,
    failed           INTEGER NOT NULL,
    unpriced         INTEGER NOT NULL,                                      -- answered, cost not known
    unreported       INTEGER NOT NULL,                                      -- answered, usage not told
    input_uncached   INTEGER NOT NULL,
    cache_read       INTEGER NOT NULL,
    cache_write_5m   INTEGER NOT NULL,
    cache_write_1h   INTEGER NOT NULL,
    output           INTEGER NOT NULL,
    reasoning        INTEGER NOT NULL,
    cost_picodollars INTEGER NOT NULL,
    PRIMARY KEY (hour, provider, model, role, batch_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE workers (
    id           INTEGER PRIMARY KEY,
    token        BLOB    NOT NULL UNIQUE CHECK (length(token) = 8),
    host         TEXT    NOT NULL,
    pid          INTEGER NOT NULL,
    started      INTEGER NOT NULL,                              -- clock ticks from the boot to the process's start
    created_at   INTEGER NOT NULL,
    heartbeat_at INTEGER NOT NULL
) STRICT;

CREATE TRIGGER known_requests_forget AFTER DELETE ON attempts
BEGIN
    DELETE FROM known_requests
    WHERE request_hash = OLD.request_hash AND batch_id = OLD.batch_id AND attempt_id = OLD.id;
    UPDATE store SET known_until = OLD.id - 1 WHERE known_until >= OLD.id;
END;

CREATE TRIGGER message_words_change AFTER UPDATE OF content, reasoning ON messages
WHEN OLD.id <= (SELECT indexed_until FROM search_index)
BEGIN
    INSERT INTO message_words (message_words, rowid, content, reasoning)
    VALUES ('delete', OLD.id, OLD.content, OLD.reasoning);
    INSERT INTO message_words (rowid, content, reasoning) VALUES (NEW.id, NEW.content, NEW.reasoning);
END;

CREATE TRIGGER message_words_forget AFTER DELETE ON messages
WHEN OLD.id <= (SELECT indexed_until FROM search_index)
BEGIN
    INSERT INTO message_words (message_words, rowid, content, reasoning)
    VALUES ('delete', OLD.id, OLD.content, OLD.reasoning);
    UPDATE search_index SET
        wipe_due = 1, indexed_until = min(indexed_until, (SELECT coalesce(max(id), 0) FROM messages));
END;

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

CREATE VIEW batch_progress AS
SELECT
    b.name AS batch,
    iif(b.pruned_at IS NULL, b.state, 'pruned') AS state,
    b.jobs,
    count(*) FILTER (WHERE j.state = 'waiting') AS waiting,
    count(*) FILTER (WHERE j.state = 'leased' OR j.state = 'sent') AS running,
    iif(b.pruned_at IS NULL, count(*) FILTER (WHERE j.state = 'done'),
        coalesce((SELECT done FROM batch_counts c WHERE c.batch_id = b.id), 0)) AS done,
    coalesce(b.pruned_failed, count(*) FILTER (WHERE j.state = 'failed')) AS failed,
    count(*) FILTER (WHERE j.state = 'unknown') AS unknown,
    coalesce(b.pruned_cancelled, count(*) FILTER (WHERE j.state = 'cancelled')) AS cancelled,
    b.source,
    strftime('%Y-%m-%dT%H:%M:%fZ', b.created_at / 1000.0, 'unixepoch') AS created
FROM batches b
LEFT JOIN jobs j ON j.batch_id = b.id
GROUP BY b.id;

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

CREATE VIEW indexed_messages AS
SELECT id, content, reasoning FROM messages WHERE id <= (SELECT indexed_until FROM search_index);

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
