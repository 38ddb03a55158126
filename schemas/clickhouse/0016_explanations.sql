-- Copies and reposts: posts of one text have fingerprints at most a few bits apart, 0 stands for no words.
ALTER TABLE signals ADD COLUMN IF NOT EXISTS fingerprint UInt64 CODEC(ZSTD(1));
ALTER TABLE signals ADD COLUMN IF NOT EXISTS repost_of String CODEC(ZSTD(1));
-- What an alert's excess comes from: excess is JSON, null where nothing exceeds.
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS once_in_s UInt64 CODEC(T64, ZSTD(1));
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS excess String DEFAULT 'null' CODEC(ZSTD(3));
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS categories Map(LowCardinality(String), Float64);
ALTER TABLE shadow_alerts ADD COLUMN IF NOT EXISTS once_in_s UInt64 CODEC(T64, ZSTD(1));
ALTER TABLE shadow_alerts ADD COLUMN IF NOT EXISTS excess String DEFAULT 'null' CODEC(ZSTD(3));
ALTER TABLE shadow_alerts ADD COLUMN IF NOT EXISTS categories Map(LowCardinality(String), Float64);
-- The post of a finding that did not wait for its minute to end; JSON.
ALTER TABLE findings ADD COLUMN IF NOT EXISTS evidence String DEFAULT '[]' CODEC(ZSTD(3));
