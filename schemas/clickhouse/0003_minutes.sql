-- Closed minutes of a brand; scores, observed and expected are by detector.
-- Read it with FINAL: the highest revision counts.
CREATE TABLE IF NOT EXISTS minutes
(
    brand          LowCardinality(String),
    minute         DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    bucket_ms      UInt64 CODEC(T64, ZSTD(1)),
    revision       UInt64 CODEC(T64, ZSTD(1)),
    missing        Array(UInt64),
    posts          UInt64 CODEC(T64, ZSTD(1)),
    negatives      UInt64 CODEC(T64, ZSTD(1)),
    complaints     UInt64 CODEC(T64, ZSTD(1)),
    critical       UInt64 CODEC(T64, ZSTD(1)),
    severity       UInt64 CODEC(T64, ZSTD(1)),
    polarity_milli Int64 CODEC(T64, ZSTD(1)),
    reach          UInt64 CODEC(T64, ZSTD(1)),
    authors        UInt64 CODEC(T64, ZSTD(1)),
    scores         Map(LowCardinality(String), Float64),
    observed       Map(LowCardinality(String), Float64),
    expected       Map(LowCardinality(String), Float64),
    ingested_at    DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(minute)
ORDER BY (brand, minute)
TTL toDateTime(ingested_at) + INTERVAL 1100 DAY
SETTINGS non_replicated_deduplication_window = 10000;
