-- What may yet be charged, so that a budget is one wall for all processes that work on a database.

-- The most that the request can be charged beyond what its usage says, in pico-dollars; NULL = nothing more.
--
-- Written with the attempt, before the request is sent, and taken back in the transaction that writes down its end and
-- its cost. It stays where nobody can say what the end costs: the worker was lost, the answer came without figures, the
-- connection broke.
ALTER TABLE attempts ADD COLUMN reserved INTEGER CHECK (reserved IS NULL OR reserved > 0);

-- What each batch has cost and may yet cost: sums of usage_rollups and of attempts.reserved, kept in the transactions
-- that change those, so that whether a request fits into a budget is known without a scan.
CREATE TABLE batch_spend (
    batch_id INTEGER PRIMARY KEY,                               -- 0 = asked by hand
    spent    INTEGER NOT NULL,                                  -- in pico-dollars, like the others
    held     INTEGER NOT NULL,                                  -- reserved by requests that are over
    in_air   INTEGER NOT NULL                                   -- reserved by requests that are under way
) STRICT;

INSERT INTO batch_spend (batch_id, spent, held, in_air)
SELECT batch_id, sum(cost_picodollars), 0, 0 FROM usage_rollups GROUP BY batch_id;
