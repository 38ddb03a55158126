-- Lasting score of a post's author when it was read; of one that nobody endorsed, the mean of accounts with so many followers.
ALTER TABLE signals ADD COLUMN IF NOT EXISTS influence Float64 CODEC(ZSTD(1));
-- So many of the leaders_of most influential voices on the brand speak against it.
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS leaders UInt64 CODEC(T64, ZSTD(1));
ALTER TABLE alerts ADD COLUMN IF NOT EXISTS leaders_of UInt64 CODEC(T64, ZSTD(1));
ALTER TABLE shadow_alerts ADD COLUMN IF NOT EXISTS leaders UInt64 CODEC(T64, ZSTD(1));
ALTER TABLE shadow_alerts ADD COLUMN IF NOT EXISTS leaders_of UInt64 CODEC(T64, ZSTD(1));
-- Scores in a topic of a brand: the category of complaints; '' is all that an author says about the brand.
ALTER TABLE influence ADD COLUMN IF NOT EXISTS topic LowCardinality(String), MODIFY ORDER BY (brand, author_key, topic);
-- The 100 highest of each brand and topic as of now: sums fade with half-lives of 24, 6 and 1 hours (pipeline/influence/formula.py).
CREATE OR REPLACE VIEW influence_leaders AS
WITH
    greatest(dateDiff('second', at, now64(3)), 0) AS age,
    exp2(-age / 86400) AS day, exp2(-age / 21600) AS quarter, exp2(-age / 3600) AS hour,
    every[1] * day + 8 * every[3] * hour AS every_lasting,
    every[2] * quarter + 4 * every[3] * hour AS every_spreading,
    5 * (trusted[1] * day + 8 * trusted[3] * hour) + sqrt(every_lasting) AS most_lasting,
    5 * (trusted[2] * quarter + 4 * trusted[3] * hour) + sqrt(every_spreading) AS most_spreading
SELECT brand, topic, author_key, at, least(every_lasting, most_lasting) AS lasting_now,
    least(every_spreading, most_spreading) AS spreading_now, h, reasons
FROM influence FINAL
ORDER BY brand, topic, lasting_now DESC, author_key
LIMIT 100 BY brand, topic;
-- How the leaders of each brand spoke of it within 30 days: advocates have at least three positive posts, and four of
-- five posts with a feeling positive; detractors likewise negative.
CREATE OR REPLACE VIEW influence_stances AS
SELECT brand, author_key, lasting_now, spreading_now, positives, negatives, last_spoke,
    multiIf(
        positives >= 3 AND positives >= 4 * negatives, 'advocate',
        negatives >= 3 AND negatives >= 4 * positives, 'detractor',
        'neither') AS stance
FROM influence_leaders
INNER JOIN
(
    SELECT arrayJoin(brands) AS brand, author_key, countIf(sentiment = 'pos') AS positives,
        countIf(sentiment = 'neg') AS negatives, max(event_time) AS last_spoke
    FROM signals FINAL
    WHERE event_time > now64(3) - INTERVAL 30 DAY
    GROUP BY brand, author_key
) AS spoken USING (brand, author_key)
WHERE influence_leaders.topic = '' AND brand != '';
