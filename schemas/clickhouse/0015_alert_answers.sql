-- What responders did about an incident, which parts of the brand alarmed, and since when it has been calm.
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS facets Array(LowCardinality(String));
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS acknowledged_by String CODEC(ZSTD(1));
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS resolved_by String CODEC(ZSTD(1));
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS silenced_by String CODEC(ZSTD(1));
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS silenced_until Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1));
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS recovering_since Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1));
ALTER TABLE shadow_alerts ADD COLUMN IF NOT EXISTS facets Array(LowCardinality(String));
ALTER TABLE shadow_alerts ADD COLUMN IF NOT EXISTS acknowledged_by String CODEC(ZSTD(1));
ALTER TABLE shadow_alerts ADD COLUMN IF NOT EXISTS resolved_by String CODEC(ZSTD(1));
ALTER TABLE shadow_alerts ADD COLUMN IF NOT EXISTS silenced_by String CODEC(ZSTD(1));
ALTER TABLE shadow_alerts ADD COLUMN IF NOT EXISTS silenced_until Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1));
ALTER TABLE shadow_alerts ADD COLUMN IF NOT EXISTS recovering_since Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1));
