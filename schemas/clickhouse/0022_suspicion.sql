-- How much an account behaves like one that is run in bulk, 0 to 1; and what an incident would be without such accounts.
ALTER TABLE signals ADD COLUMN IF NOT EXISTS suspicion Float64 CODEC(ZSTD(1));
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS suspected Float64 AFTER suspected_flood;
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS severity_without LowCardinality(String) AFTER suspected;
ALTER TABLE shadow_alerts ADD COLUMN IF NOT EXISTS suspected Float64 AFTER suspected_flood;
ALTER TABLE shadow_alerts ADD COLUMN IF NOT EXISTS severity_without LowCardinality(String) AFTER suspected;
