-- The store itself, and the conversations in it.
--
-- Times are milliseconds since 1970 UTC throughout; the views show them in ISO 8601. A CHECK that lists words is a
-- chain of ORs on purpose: SQLite builds a temporary index for `IN (…)` at every insert, which more than doubles
-- its cost.

-- One row: who this database is. The identity goes into idempotency keys, so that two databases never share one.
CREATE TABLE store (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    identity   TEXT    NOT NULL CHECK (length(identity) = 12),
    created_at INTEGER NOT NULL
) STRICT;

-- Long texts, each once: a system prompt that a million jobs share is one row.
CREATE TABLE contents (
    id     INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
    text   TEXT NOT NULL
) STRICT;

-- A conversation; a batch's job is one too.
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
) STRICT;

CREATE UNIQUE INDEX sessions_of_jobs ON sessions (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX sessions_by_hand ON sessions (updated_at) WHERE job_id IS NULL;
CREATE INDEX sessions_forked ON sessions (parent_id) WHERE parent_id IS NOT NULL;

-- One turn of a session.
--
-- `extra` marks an answer that came after its job had been given to somebody else: paid for, so it is kept, but not
-- the job's answer.
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
    created_at    INTEGER NOT NULL,
    UNIQUE (session_id, position),
    CHECK (role = 'assistant' OR (status = 'complete' AND extra = 0 AND attempt_id IS NULL)),
    CHECK ((role = 'tool') = (tool_call_id IS NOT NULL))
) STRICT;

CREATE INDEX messages_by_attempt ON messages (attempt_id) WHERE attempt_id IS NOT NULL;

-- What an assistant's turn asks to be run.
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
        CHECK (state = 'pending' OR state = 'answered' OR state = 'invalid'),
    UNIQUE (message_id, position),
    CHECK ((state = 'invalid') = (arguments IS NULL)),
    CHECK ((state = 'answered') = (result IS NOT NULL))
) STRICT;

CREATE INDEX tool_calls_open ON tool_calls (message_id) WHERE state = 'pending';
