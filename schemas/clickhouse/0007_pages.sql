-- What responders got. alert is JSON; document is the record as it was on the topic.
CREATE TABLE IF NOT EXISTS pages
(
    page_id   String CODEC(ZSTD(1)),
    dedup_key String CODEC(ZSTD(1)),
    action    LowCardinality(String),
    brand     LowCardinality(String),
    at        DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    severity  LowCardinality(String),
    title     Map(LowCardinality(String), String) CODEC(ZSTD(3)),
    body      Map(LowCardinality(String), String) CODEC(ZSTD(3)),
    alert     String CODEC(ZSTD(3)),
    document  String CODEC(ZSTD(3)),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (brand, at, page_id)
TTL toDateTime(ingested_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 10000;
