-- Posts partitions added up: the latest partial of each source, then the sum. late comes on top of posts.
CREATE VIEW IF NOT EXISTS minute_totals AS
SELECT
    brand,
    facet,
    minute,
    count() AS sources,
    sum(posts) AS posts,
    sum(negatives) AS negatives,
    sum(complaints) AS complaints,
    sum(critical) AS critical,
    sum(severity) AS severity,
    sum(polarity_milli) AS polarity_milli,
    sum(reach) AS reach,
    sum(late) AS late
FROM minute_partials FINAL
GROUP BY brand, facet, minute;
