-- What is to be asked: batches of jobs, and the processes that work on them.

-- A file that was enqueued, under a name.
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
    created_at   INTEGER NOT NULL,
    CHECK ((jobs = 0) = (first_job_id IS NULL)),
    CHECK ((first_job_id IS NULL) = (last_job_id IS NULL)),
    CHECK (first_job_id <= last_job_id)
) STRICT;

CREATE INDEX batches_open ON batches (priority DESC, id) WHERE state = 'open';

-- A job is one row of a job file: a prompt that must be answered once.
--
-- While it waits, `due_at` is the earliest moment it may run (0 = at once); while it is leased or sent, the moment
-- the lease ends. `round` counts how often the user asked for the job anew: it is part of the idempotency key, so
-- a request that is repeated after a crash keeps its key, and one that the user repeats does not.
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
    session_id INTEGER,                                         -- kept here too, so that leasing needs no look-up
    UNIQUE (batch_id, job_key),
    CHECK ((state = 'leased' OR state = 'sent') = (lease IS NOT NULL)),
    CHECK (fault IS NULL OR state = 'failed'),
    CHECK (session_id IS NOT NULL OR (state <> 'sent' AND state <> 'done' AND state <> 'unknown'))
) STRICT;

CREATE INDEX jobs_waiting ON jobs (batch_id, due_at, id) WHERE state = 'waiting';
CREATE INDEX jobs_held ON jobs (due_at) WHERE lease IS NOT NULL;
CREATE INDEX jobs_failed ON jobs (batch_id, id) WHERE state = 'failed';
CREATE INDEX jobs_unknown ON jobs (batch_id, id) WHERE state = 'unknown';
CREATE INDEX jobs_cancelled ON jobs (batch_id, id) WHERE state = 'cancelled';
CREATE INDEX jobs_rescued ON jobs (batch_id, rescues) WHERE rescues > 0;

-- A process that works on the queue, for as long as it does.
--
-- A process id alone is used again after a while, so the start time of the process stands beside it; both mean
-- something only on the same boot and in the same process namespace, which `host` names.
CREATE TABLE workers (
    id           INTEGER PRIMARY KEY,
    token        BLOB    NOT NULL UNIQUE CHECK (length(token) = 8),
    host         TEXT    NOT NULL,
    pid          INTEGER NOT NULL,
    started      INTEGER NOT NULL,                              -- clock ticks from the boot to the process's start
    created_at   INTEGER NOT NULL,
    heartbeat_at INTEGER NOT NULL
) STRICT;
