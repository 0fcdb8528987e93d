-- What was asked, what it brought and what it cost.

-- One row for each request, written before it is sent.
--
-- `unknown` means that the request was in the air when its worker was lost: it may have been answered and billed.
-- An answer that comes late after all turns it into `answered`.
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
    failure_kind    TEXT,
    CHECK ((state = 'sent') = (ended_at IS NULL)),
    CHECK ((state = 'failed') = (failure_kind IS NOT NULL))
) STRICT;

CREATE INDEX attempts_by_session ON attempts (session_id);
CREATE INDEX attempts_unknown ON attempts (batch_id) WHERE state = 'unknown';

-- The tokens of an answered attempt, in buckets that do not overlap, and what they cost.
--
-- `cost_picodollars` NULL = unpriced. `reported` 0 = the provider told no usage: the zeros are unknown, not free.
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

-- The evidence of a failed attempt; bounded by count and age, so an old attempt may have none.
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

CREATE INDEX failed_requests_by_age ON failed_requests (failed_at);

-- What a model's tokens cost from a day on, in pico-dollars for each token.
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

-- Sums of the answered and failed attempts of an hour, written in the transaction that ends each attempt.
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

CREATE INDEX usage_rollups_by_batch ON usage_rollups (batch_id, hour);
