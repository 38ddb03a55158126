-- Changes of rules as the brand log tells them, one row for all its partitions: what a digest on an alert stands for.
-- watchlist is JSON, null where a shadow ended.
CREATE TABLE IF NOT EXISTS rules
(
    change_id   String CODEC(ZSTD(1)),
    scope       LowCardinality(String),
    digest      LowCardinality(String),
    watchlist   String CODEC(ZSTD(3)),
    at          DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    by          LowCardinality(String),
    reason      String CODEC(ZSTD(3)),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (digest, scope, change_id)
TTL toDateTime(ingested_at) + INTERVAL 1100 DAY
SETTINGS non_replicated_deduplication_window = 10000;
