-- Records that could not be used, by where they were. Kept no longer than the dead-letter topics: the payload is raw input.
CREATE TABLE IF NOT EXISTS rejected
(
    topic     LowCardinality(String),
    partition UInt32,
    offset    Int64 CODEC(Delta, ZSTD(1)),
    reason    LowCardinality(String),
    detail    String CODEC(ZSTD(3)),
    at        DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    bytes     UInt64 CODEC(T64, ZSTD(1)),
    sha256    String CODEC(ZSTD(1)),
    payload   String CODEC(ZSTD(3)),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (topic, partition, offset, sha256)
TTL toDateTime(ingested_at) + INTERVAL 14 DAY
SETTINGS non_replicated_deduplication_window = 10000;
