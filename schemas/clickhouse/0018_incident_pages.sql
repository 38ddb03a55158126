-- How often an incident paged does not count the page that ends it.
CREATE OR REPLACE VIEW incidents AS
SELECT
    incident_id,
    brand,
    min(started) AS opened_at,
    max(at) AS updated_at,
    maxOrNullIf(at, event = 'resolved') AS ended_at,
    argMax(event, (at, event = 'resolved')) AS state,
    argMax(reason, (at, event = 'resolved')) AS last_reason,
    argMax(severity, indexOf(['info', 'warning', 'error', 'critical'], severity)) AS peak_severity,
    arraySort(groupUniqArrayArray(detectors)) AS seen_by,
    max(posts) AS most_posts,
    max(complaints) AS most_complaints,
    max(authors) AS most_authors,
    countIf(paged AND event != 'resolved') AS pages,
    count() AS events
FROM alerts FINAL
GROUP BY incident_id, brand;
