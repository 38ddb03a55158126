-- How far each posts partition is; one row per partition once merged.
CREATE TABLE IF NOT EXISTS source_progress
(
    source     UInt32,
    sources    UInt64,
    offset     Int64,
    watermark  DateTime64(3, 'UTC'),
    read       UInt64,
    ticks      UInt64,
    rejected   UInt64,
    unmatched  UInt64,
    duplicates UInt64,
    expired    UInt64,
    withdrawn  UInt64
)
ENGINE = ReplacingMergeTree(offset)
ORDER BY source
SETTINGS non_replicated_deduplication_window = 10000;
