-- Why somebody was paged or was not, one row per decision.
CREATE TABLE IF NOT EXISTS decisions
(
    decision_id String CODEC(ZSTD(1)),
    brand       LowCardinality(String),
    at          DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    outcome     LowCardinality(String),
    reason      LowCardinality(String),
    incident_id String CODEC(ZSTD(1)),
    severity    LowCardinality(Nullable(String)),
    detector    LowCardinality(String),
    facet       LowCardinality(String),
    score       Float64 CODEC(ZSTD(1)),
    observed    Float64 CODEC(ZSTD(1)),
    expected    Float64 CODEC(ZSTD(1)),
    unit        LowCardinality(String),
    authors     UInt64 CODEC(T64, ZSTD(1)),
    min_authors UInt64 CODEC(T64, ZSTD(1)),
    campaign    LowCardinality(String),
    command     LowCardinality(Nullable(String)),
    command_id  String CODEC(ZSTD(1)),
    by          String CODEC(ZSTD(1)),
    text        String CODEC(ZSTD(3)),
    until       Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    offset      Int64 CODEC(ZSTD(1)),
    rules       LowCardinality(String),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (brand, at, decision_id)
TTL toDateTime(ingested_at) + INTERVAL 1100 DAY
SETTINGS non_replicated_deduplication_window = 10000;
