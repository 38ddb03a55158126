-- Detectors that crossed their threshold.
CREATE TABLE IF NOT EXISTS findings
(
    finding_id String CODEC(ZSTD(1)),
    detector   LowCardinality(String),
    brand      LowCardinality(String),
    at         DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    score      Float64 CODEC(ZSTD(1)),
    threshold  Float64 CODEC(ZSTD(1)),
    observed   Float64 CODEC(ZSTD(1)),
    expected   Float64 CODEC(ZSTD(1)),
    unit       LowCardinality(String),
    since      DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    rules      LowCardinality(String),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (brand, at, finding_id)
TTL toDateTime(ingested_at) + INTERVAL 1100 DAY
SETTINGS non_replicated_deduplication_window = 10000;
