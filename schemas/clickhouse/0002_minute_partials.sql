-- Totals so far of one (brand, facet, minute) in one posts partition. Never sum over offsets: the highest counts.
-- facet '' is the total; late posts are in the total row only and in none of the other counts.
CREATE TABLE IF NOT EXISTS minute_partials
(
    brand          LowCardinality(String),
    facet          LowCardinality(String),
    minute         DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    source         UInt32 CODEC(T64, ZSTD(1)),
    offset         Int64 CODEC(Delta, ZSTD(1)),
    posts          UInt64 CODEC(T64, ZSTD(1)),
    negatives      UInt64 CODEC(T64, ZSTD(1)),
    complaints     UInt64 CODEC(T64, ZSTD(1)),
    critical       UInt64 CODEC(T64, ZSTD(1)),
    severity       UInt64 CODEC(T64, ZSTD(1)),
    polarity_milli Int64 CODEC(T64, ZSTD(1)),
    reach          UInt64 CODEC(T64, ZSTD(1)),
    late           UInt64 CODEC(T64, ZSTD(1)),
    ingested_at    DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(offset)
PARTITION BY toYYYYMM(minute)
ORDER BY (brand, facet, minute, source)
TTL toDateTime(ingested_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 10000;
