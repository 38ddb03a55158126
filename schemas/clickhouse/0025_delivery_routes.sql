-- By which route of the routing file, and at which of its steps, a page went to a target.
ALTER TABLE deliveries ADD COLUMN IF NOT EXISTS route LowCardinality(String) AFTER detail;
ALTER TABLE deliveries ADD COLUMN IF NOT EXISTS step UInt64 CODEC(T64, ZSTD(1)) AFTER route;
