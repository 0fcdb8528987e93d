-- What is removed on request, and how the bill stays whole without it.

-- Sums of attempts whose rows were removed, in the shape of usage_rollups: ledger and these together are the rollups.
--
-- `held_picodollars` is what may yet be charged for them; it stays in batch_spend.
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

-- When the removal of a batch's jobs was decided. From then on they are removed, however often that is interrupted; the
-- batch stays, with its name and its cost.
ALTER TABLE batches ADD COLUMN pruned_at INTEGER;
-- How many of its jobs had failed and were cancelled; how many were done stays in batch_counts.
ALTER TABLE batches ADD COLUMN pruned_failed INTEGER CHECK ((pruned_failed IS NULL) = (pruned_at IS NULL));
ALTER TABLE batches ADD COLUMN pruned_cancelled INTEGER CHECK ((pruned_cancelled IS NULL) = (pruned_at IS NULL));

DROP VIEW batch_progress;
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
