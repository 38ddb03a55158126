-- What shadow rules would have made of the same log; paged: would have paged.
-- evidence is JSON; document is the record as it was on the topic.
CREATE TABLE IF NOT EXISTS shadow_alerts
(
    alert_id        String CODEC(ZSTD(1)),
    incident_id     String CODEC(ZSTD(1)),
    event           LowCardinality(String),
    reason          LowCardinality(String),
    brand           LowCardinality(String),
    at              DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    started         DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    since           DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    severity        LowCardinality(String),
    detectors       Array(LowCardinality(String)),
    observed        Float64 CODEC(ZSTD(1)),
    expected        Float64 CODEC(ZSTD(1)),
    unit            LowCardinality(String),
    strength        Float64 CODEC(ZSTD(1)),
    counted_from    DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    posts           UInt64 CODEC(T64, ZSTD(1)),
    negatives       UInt64 CODEC(T64, ZSTD(1)),
    complaints      UInt64 CODEC(T64, ZSTD(1)),
    critical        UInt64 CODEC(T64, ZSTD(1)),
    authors         UInt64 CODEC(T64, ZSTD(1)),
    suspected_flood Bool,
    missing         Array(UInt64),
    paged           Bool,
    evidence        String CODEC(ZSTD(3)),
    drivers         Map(LowCardinality(String), Float64),
    rules           LowCardinality(String),
    document        String CODEC(ZSTD(3)),
    ingested_at     DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (brand, at, alert_id)
TTL toDateTime(ingested_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 10000;
