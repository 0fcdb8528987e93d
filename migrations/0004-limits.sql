-- What has been learnt of the providers, so that a restart or a second process does not begin from zero.

-- The room that is left in a rate limit. `account` tells two keys of one provider apart without holding either.
CREATE TABLE limiter_state (
    provider            TEXT    NOT NULL,
    account             TEXT    NOT NULL,
    model               TEXT    NOT NULL,
    requests_per_minute INTEGER CHECK (requests_per_minute > 0),
    tokens_per_minute   INTEGER CHECK (tokens_per_minute > 0),
    requests_left       REAL    NOT NULL,
    tokens_left         REAL    NOT NULL,
    paused_until        INTEGER,
    updated_at          INTEGER NOT NULL,
    PRIMARY KEY (provider, account, model)
) STRICT, WITHOUT ROWID;

-- Whether a provider is left alone for a while.
CREATE TABLE breaker_state (
    provider   TEXT    NOT NULL,
    account    TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state = 'closed' OR state = 'open' OR state = 'probing'),
    failures   INTEGER NOT NULL CHECK (failures >= 0),                      -- in a row
    open_until INTEGER,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (provider, account),
    CHECK ((state = 'open') = (open_until IS NOT NULL))
) STRICT, WITHOUT ROWID;
