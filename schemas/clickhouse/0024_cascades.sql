-- Reposts by their root, as told at fixed ages; settled is the last word, by which the forecasts before are judged.
CREATE TABLE IF NOT EXISTS cascades
(
    root        String CODEC(ZSTD(1)),
    author_key  String CODEC(ZSTD(1)),
    brand       LowCardinality(String),
    began       DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    age_s       UInt32 CODEC(T64, ZSTD(1)),
    settled     Bool,
    size        UInt64 CODEC(T64, ZSTD(1)),
    speed_per_h Float64 CODEC(ZSTD(1)),
    doubling_s  Nullable(UInt64) CODEC(ZSTD(1)),
    growing     Bool,
    expected    Nullable(UInt64) CODEC(ZSTD(1)),
    low         Nullable(UInt64) CODEC(ZSTD(1)),
    high        Nullable(UInt64) CODEC(ZSTD(1)),
    by_ratio    Nullable(UInt64) CODEC(ZSTD(1)),
    partition   UInt32 CODEC(T64, ZSTD(1)),
    offset      Int64 CODEC(ZSTD(1)),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(offset)
PARTITION BY toYYYYMM(began)
ORDER BY (root, began, age_s)
TTL toDateTime(ingested_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 10000;
-- Each forecast beside what became of it: hit is null where no interval was told, errors are relative to the final size.
CREATE VIEW IF NOT EXISTS cascade_forecasts AS
SELECT
    said.root AS root, said.author_key AS author_key, said.brand AS brand, said.began AS began, said.age_s AS age_s,
    said.size AS size, said.growing AS growing, said.expected AS expected, said.low AS low, said.high AS high,
    said.by_ratio AS by_ratio, became.size AS final, became.size - said.size AS further,
    if(said.growing, NULL, further BETWEEN said.low AND said.high) AS hit,
    abs(said.expected - further) / final AS error,
    abs(said.by_ratio - further) / final AS error_by_ratio
FROM (SELECT * FROM cascades FINAL WHERE NOT settled) AS said
INNER JOIN (SELECT root, began, size FROM cascades FINAL WHERE settled) AS became
    ON said.root = became.root AND said.began = became.began;
-- How well forecasts held, by the day on which their cascades began: four of five intervals should, and the error be less than by ratio.
CREATE VIEW IF NOT EXISTS cascade_scores AS
SELECT
    toDate(began) AS day, age_s, count() AS forecasts, countIf(growing) AS still_growing,
    avg(hit) AS hit_rate, quantileExact(0.5)(error) AS median_error,
    quantileExactIf(0.5)(error_by_ratio, NOT growing) AS median_error_by_ratio
FROM cascade_forecasts
GROUP BY day, age_s
ORDER BY day, age_s;
