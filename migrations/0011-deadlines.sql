-- Until when a batch's jobs may be sent, a number that tells whoever works on a batch that it has changed, and how many of
-- its jobs are done.

ALTER TABLE batches ADD COLUMN deadline INTEGER;                -- milliseconds since 1970; NULL = none

-- Raised with each change of the settings, the deadline or the jobs that a count of rows does not show.
ALTER TABLE batches ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;

-- How many jobs of a batch are done, written in the transaction that ends each of them. Those in the other states are
-- counted from small indexes, so the ones that wait, of which there may be millions, are the rest and are never counted.
CREATE TABLE batch_counts (
    batch_id INTEGER PRIMARY KEY REFERENCES batches (id) ON DELETE CASCADE,
    done     INTEGER NOT NULL CHECK (done >= 0)
) STRICT;

INSERT INTO batch_counts (batch_id, done) SELECT batch_id, count(*) FROM jobs WHERE state = 'done' GROUP BY batch_id;
