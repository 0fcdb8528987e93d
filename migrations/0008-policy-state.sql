-- What has been learnt of the providers, in the form in which limiters and breakers keep it; and what an answer's turn
-- needs to be gone on with.
--
-- The tables of 0004 were never written: a limiter keeps the moment at which the next request is due, not what is left.

DROP TABLE limiter_state;
DROP TABLE breaker_state;

-- How much of a rate limit is taken. `account` tells two keys of one provider apart without holding either.
--
-- The `…_due_at` are nanoseconds since 1970: when the next request, the next token is due if everybody keeps to the pace;
-- 0 = nothing is taken. The limits are those that the provider tells, NULL = it has told none.
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
    updated_at               INTEGER NOT NULL,
    PRIMARY KEY (provider, account, model)
) STRICT, WITHOUT ROWID;

-- Whether a provider is left alone for a while.
--
-- `until` is the end of the rest of an open breaker; of a probing one, how long its one request is waited for.
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

-- What the provider wants back as it came when the conversation goes on: signed thinking, reasoning items.
ALTER TABLE messages ADD COLUMN continuation TEXT CHECK (continuation IS NULL OR json_valid(continuation));
