-- Who is behind a pseudonym, for as long as somebody may have to answer that person. Restricted: grant it to few, by name.
CREATE TABLE IF NOT EXISTS identities
(
    author_key   String CODEC(ZSTD(1)),
    key_id       LowCardinality(String),
    platform     LowCardinality(String),
    native_id    String CODEC(ZSTD(1)),
    handle       String CODEC(ZSTD(1)),
    display_name String CODEC(ZSTD(1)),
    url          String CODEC(ZSTD(1)),
    seen_at      DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    ingested_at  DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(seen_at)
ORDER BY author_key
TTL toDateTime(ingested_at) + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 10000;
