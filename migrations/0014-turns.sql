-- Conversations that people lead: how they are asked on, what is being answered just now, and what was taken out again.

-- Options, limits, schema and tools of a conversation by hand; NULL for a job's, whose batch says all that.
ALTER TABLE sessions ADD COLUMN settings TEXT CHECK (settings IS NULL OR json_valid(settings));

-- In a fork: how many of its first messages are copies of its parent's.
ALTER TABLE sessions ADD COLUMN forked_messages INTEGER;

-- Unfinished conversations are few; this finds them without looking at the others.
CREATE INDEX sessions_interrupted ON sessions (updated_at) WHERE status = 'interrupted';

-- When the turn was taken out of its conversation: it was undone, or it broke off and was answered anew. It is kept and shown
-- as history, and never sent again.
ALTER TABLE messages ADD COLUMN set_aside_at INTEGER;

-- When the call's command was begun to be run. One that was begun and has no result may have had its effect.
ALTER TABLE tool_calls ADD COLUMN started_at INTEGER;

-- The turns that some process is answering just now: at most one in a conversation, so that two terminals do not talk at once.
--
-- The conversation says `interrupted` from the moment a question is stored until its answer is: whoever is killed in between
-- has nothing left to write. A row whose worker is lost is taken away by whoever comes next.
CREATE TABLE open_turns (
    session_id  INTEGER PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    worker      BLOB    NOT NULL CHECK (length(worker) = 8),                -- workers.token
    attempt_id  INTEGER REFERENCES attempts (id) ON DELETE SET NULL,        -- the request that is in the air
    message_id  INTEGER REFERENCES messages (id) ON DELETE SET NULL,        -- what has come of its answer
    replaces_id INTEGER REFERENCES messages (id) ON DELETE SET NULL,        -- the broken answer that it goes on with
    opened_at   INTEGER NOT NULL,
    touched_at  INTEGER NOT NULL                                            -- the last sign of life
) STRICT;
