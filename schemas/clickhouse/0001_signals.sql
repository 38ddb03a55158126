-- One row per understood post. Read it with FINAL: the highest revision counts, a withdrawn post disappears.
CREATE TABLE IF NOT EXISTS signals
(
    post_uid         String CODEC(ZSTD(1)),
    revision         UInt64 CODEC(T64, ZSTD(1)),
    deleted          UInt8,
    event_time       DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    platform         LowCardinality(String),
    channel          LowCardinality(String),
    kind             LowCardinality(String),
    author_key       String CODEC(ZSTD(1)),
    brands           Array(LowCardinality(String)),
    products         Array(LowCardinality(String)),
    regions          Array(LowCardinality(String)),
    campaigns        Array(LowCardinality(String)),
    lang             LowCardinality(String),
    sentiment        LowCardinality(String),
    polarity         Float64 CODEC(ZSTD(1)),
    complaint_p      Float64 CODEC(ZSTD(1)),
    category         LowCardinality(String),
    severity         UInt8,
    intent           LowCardinality(String),
    reach            UInt64 CODEC(T64, ZSTD(1)),
    text             String CODEC(ZSTD(3)),
    url              String CODEC(ZSTD(3)),
    source_partition UInt32 CODEC(T64, ZSTD(1)),
    source_offset    Int64 CODEC(Delta, ZSTD(1)),
    ingested_at      DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1)),
    INDEX event_time_range event_time TYPE minmax,
    INDEX brands_bloom brands TYPE bloom_filter(0.01)
)
ENGINE = ReplacingMergeTree(revision, deleted)
PARTITION BY toYYYYMM(event_time)
ORDER BY post_uid
TTL toDateTime(ingested_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 10000;
