-- An index of the words of all that was ever said.
--
-- It is kept up lazily: whoever stores a message pays nothing for it, and whoever searches first takes up what is new. So it
-- knows the messages up to a number, and no younger ones.

-- One row: how far the index is.
CREATE TABLE search_index (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    indexed_until INTEGER NOT NULL CHECK (indexed_until >= 0),  -- messages.id; all up to it are in the index
    wipe_due      INTEGER NOT NULL CHECK (wipe_due = 0 OR wipe_due = 1), -- it still holds words of deleted messages
    -- The file was written by a parley that did not overwrite what it freed; a vacuum makes it new.
    has_remains   INTEGER NOT NULL CHECK (has_remains = 0 OR has_remains = 1)
) STRICT;

INSERT INTO search_index (id, indexed_until, wipe_due, has_remains)
SELECT 1, 0, 0, EXISTS (SELECT 1 FROM messages) OR EXISTS (SELECT 1 FROM jobs);

-- What the index was made of: its own checks compare it with this.
CREATE VIEW indexed_messages AS
SELECT id, content, reasoning FROM messages WHERE id <= (SELECT indexed_until FROM search_index);

-- The texts stay where they are; this holds words and places only. The index of beginnings answers `ab*`, which thousands of
-- words may fulfil; longer beginnings are few enough.
CREATE VIRTUAL TABLE message_words USING fts5 (
    content, reasoning,
    content = 'indexed_messages', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2', prefix = '2'
);

-- Fewer, larger merges: the whole index is made a fifth faster.
INSERT INTO message_words (message_words, rank) VALUES ('automerge', 8);

-- The number of the last message may be given to another one, which must be taken up.
CREATE TRIGGER message_words_forget AFTER DELETE ON messages
WHEN OLD.id <= (SELECT indexed_until FROM search_index)
BEGIN
    INSERT INTO message_words (message_words, rowid, content, reasoning)
    VALUES ('delete', OLD.id, OLD.content, OLD.reasoning);
    UPDATE search_index SET
        wipe_due = 1, indexed_until = min(indexed_until, (SELECT coalesce(max(id), 0) FROM messages));
END;

-- A message changes only while it is being answered, and such a one is not taken up; this makes sure.
CREATE TRIGGER message_words_change AFTER UPDATE OF content, reasoning ON messages
WHEN OLD.id <= (SELECT indexed_until FROM search_index)
BEGIN
    INSERT INTO message_words (message_words, rowid, content, reasoning)
    VALUES ('delete', OLD.id, OLD.content, OLD.reasoning);
    INSERT INTO message_words (rowid, content, reasoning) VALUES (NEW.id, NEW.content, NEW.reasoning);
END;
