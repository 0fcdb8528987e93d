-- Conversations that came from elsewhere.

-- Where an imported conversation came from, so that importing it again adds nothing, and one that has grown its new end only.
--
-- `digest` is of the messages that were taken: a source of which they are no longer the beginning has changed, and is left alone.
-- A conversation that is deleted is forgotten here, and can be imported anew.
CREATE TABLE imports (
    origin      TEXT    NOT NULL PRIMARY KEY,                               -- `llm:…`, `parley:…`, `openai:…`
    session_id  INTEGER NOT NULL UNIQUE REFERENCES sessions (id) ON DELETE CASCADE,
    messages    INTEGER NOT NULL CHECK (messages >= 0),                     -- so many of the source's were taken
    digest      BLOB    NOT NULL CHECK (length(digest) = 32),
    source      TEXT    NOT NULL,                                           -- the file's name
    imported_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the source says of an imported answer. It was not spent here: it is in no attempt, no rollup and no report.
CREATE TABLE imported_answers (
    message_id       INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    model            TEXT,
    usage            TEXT    CHECK (usage IS NULL OR json_valid(usage)),
    cost_picodollars INTEGER
) STRICT;
