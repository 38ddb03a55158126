-- What became of each page at each target; the outcome that finished last counts.
CREATE TABLE IF NOT EXISTS deliveries
(
    page_id      String CODEC(ZSTD(1)),
    dedup_key    String CODEC(ZSTD(1)),
    brand        LowCardinality(String),
    target       LowCardinality(String),
    status       LowCardinality(String),
    attempts     UInt64 CODEC(T64, ZSTD(1)),
    requested_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    finished_at  DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    detail       String CODEC(ZSTD(3)),
    ingested_at  DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(finished_at)
PARTITION BY toYYYYMM(requested_at)
ORDER BY (page_id, target)
TTL toDateTime(ingested_at) + INTERVAL 1100 DAY
SETTINGS non_replicated_deduplication_window = 10000;
