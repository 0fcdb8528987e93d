-- The pace that a provider turned out to bear where it tells no limit; all NULL where nothing has been learnt.

-- Requests per minute that are sent now.
ALTER TABLE limiter_state ADD COLUMN learnt_per_minute REAL CHECK (learnt_per_minute > 0);
-- The most that went well, and the fewest that turned out to be too many.
ALTER TABLE limiter_state ADD COLUMN proven_per_minute REAL CHECK (proven_per_minute > 0);
ALTER TABLE limiter_state ADD COLUMN refused_per_minute REAL CHECK (refused_per_minute > 0);
-- When it was last lowered, and when it was last changed.
ALTER TABLE limiter_state ADD COLUMN lowered_at INTEGER
    CHECK ((lowered_at IS NULL) = (learnt_per_minute IS NULL));
ALTER TABLE limiter_state ADD COLUMN learnt_at INTEGER
    CHECK ((learnt_at IS NULL) = (learnt_per_minute IS NULL));
