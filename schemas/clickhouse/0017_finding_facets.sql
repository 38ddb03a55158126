-- Which part of the brand a detector crossed its threshold on; empty: the brand as a whole.
ALTER TABLE findings ADD COLUMN IF NOT EXISTS facet LowCardinality(String);
