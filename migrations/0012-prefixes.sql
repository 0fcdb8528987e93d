-- Which beginning of its prompt a job shares with others of its batch, so that they can be sent one after the other and the
-- provider's cache is used.

-- Two hashes of 31 bits in one number: of a shorter beginning, and of a longer one; 0 = there is none. NULL = nothing of the
-- row's own is long enough to be worth it; then what it shares is what the batch says for all.
ALTER TABLE jobs ADD COLUMN prefix INTEGER CHECK (prefix IS NULL OR prefix > 0);

-- Only those that wait and have one, so that other jobs pay nothing for it.
CREATE INDEX jobs_by_prefix ON jobs (batch_id, prefix, id) WHERE state = 'waiting' AND prefix IS NOT NULL;
