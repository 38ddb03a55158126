-- The last score of each author, and of each author in each brand, as it was told when it rose.
CREATE TABLE IF NOT EXISTS influence
(
    author_key  String CODEC(ZSTD(1)),
    brand       LowCardinality(String),
    at          DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    lasting     Float64 CODEC(ZSTD(1)),
    spreading   Float64 CODEC(ZSTD(1)),
    h           UInt64 CODEC(T64, ZSTD(1)),
    every       Array(Float64) CODEC(ZSTD(1)),
    trusted     Array(Float64) CODEC(ZSTD(1)),
    reasons     String CODEC(ZSTD(3)),
    partition   UInt32 CODEC(T64, ZSTD(1)),
    offset      Int64 CODEC(ZSTD(1)),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(offset)
ORDER BY (brand, author_key)
TTL toDateTime(ingested_at) + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 10000;
-- The 100 highest of each brand ('' is all) as of now: sums fade with half-lives of 24, 6 and 1 hours (pipeline/influence/formula.py).
CREATE VIEW IF NOT EXISTS influence_leaders AS
WITH
    greatest(dateDiff('second', at, now64(3)), 0) AS age,
    exp2(-age / 86400) AS day, exp2(-age / 21600) AS quarter, exp2(-age / 3600) AS hour,
    every[1] * day + 8 * every[3] * hour AS every_lasting,
    every[2] * quarter + 4 * every[3] * hour AS every_spreading,
    5 * (trusted[1] * day + 8 * trusted[3] * hour) + sqrt(every_lasting) AS most_lasting,
    5 * (trusted[2] * quarter + 4 * trusted[3] * hour) + sqrt(every_spreading) AS most_spreading
SELECT brand, author_key, at, least(every_lasting, most_lasting) AS lasting_now,
    least(every_spreading, most_spreading) AS spreading_now, h, reasons
FROM influence FINAL
ORDER BY brand, lasting_now DESC, author_key
LIMIT 100 BY brand;
