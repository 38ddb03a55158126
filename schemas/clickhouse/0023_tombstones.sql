-- What was withdrawn, by subject (post:<uid> or author:<author_key>); what was told last counts. extra is JSON, and empty.
CREATE TABLE IF NOT EXISTS tombstones
(
    schema_version UInt64 CODEC(T64, ZSTD(1)),
    subject        String CODEC(ZSTD(1)),
    op             LowCardinality(String),
    countries      Array(LowCardinality(String)),
    effective_at   DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    until          Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    reason         LowCardinality(String),
    request_id     Nullable(String) CODEC(ZSTD(1)),
    platform       LowCardinality(Nullable(String)),
    collected_at   Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    extra          String CODEC(ZSTD(1)),
    ingested_at    DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1)),
    INDEX ingested_range ingested_at TYPE minmax
)
ENGINE = ReplacingMergeTree(effective_at)
ORDER BY subject
TTL toDateTime(ingested_at) + INTERVAL 1100 DAY
SETTINGS non_replicated_deduplication_window = 10000;
-- Posts are looked up by author and by what they repost when these are withdrawn.
ALTER TABLE signals ADD INDEX IF NOT EXISTS author_bloom author_key TYPE bloom_filter(0.01);
ALTER TABLE signals ADD INDEX IF NOT EXISTS repost_bloom repost_of TYPE bloom_filter(0.01);
-- Of the posts that an incident quoted so far, those that are withdrawn.
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS quoted UInt64 CODEC(T64, ZSTD(1));
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS withdrawn UInt64 CODEC(T64, ZSTD(1));
ALTER TABLE shadow_alerts ADD COLUMN IF NOT EXISTS quoted UInt64 CODEC(T64, ZSTD(1));
ALTER TABLE shadow_alerts ADD COLUMN IF NOT EXISTS withdrawn UInt64 CODEC(T64, ZSTD(1));
