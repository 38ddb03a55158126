"""What the console asks ClickHouse. Every question has a limit; times are ms since 1970."""

PULSE = """
SELECT (SELECT (count(), max(ingested_at)) FROM alerts) AS alerts,
    (SELECT (count(), max(ingested_at)) FROM decisions) AS decisions
"""
ANSWERS = """
SELECT brand, incident_id, command, command_id, by, severity, toUnixTimestamp64Milli(decisions.until) AS until
FROM decisions FINAL WHERE outcome = 'applied' AND command IN ('ack', 'silence', 'unsilence')
    AND decisions.at > now() - INTERVAL 31 DAY
ORDER BY decisions.at, offset LIMIT 5000
"""

OPEN = """
SELECT document, paged > 0 AS woke, all_open FROM
(
    SELECT argMax(alert_id, (at, event = 'resolved')) AS alert_id, countIf(paged AND event != 'resolved') AS paged,
        count() OVER () AS all_open
    FROM alerts FINAL GROUP BY incident_id HAVING argMax(event, (at, event = 'resolved')) != 'resolved'
    ORDER BY max(indexOf(['info', 'warning', 'error', 'critical'], severity)) DESC, max(at) DESC LIMIT 200
) AS last
INNER JOIN (SELECT alert_id, document FROM alerts FINAL) AS known USING alert_id
"""
CLOSED = """
SELECT incident_id, brand, max(indexOf(['info', 'warning', 'error', 'critical'], severity)) AS worst,
    toUnixTimestamp64Milli(min(started)) AS opened_ms,
    toUnixTimestamp64Milli(max(at)) AS ended_ms, max(complaints) AS most_complaints,
    argMax(reason, (at, event = 'resolved')) AS why, countIf(paged AND event != 'resolved') AS pages
FROM alerts FINAL WHERE {brand:String} IN ('', brand) GROUP BY incident_id, brand
HAVING argMax(event, (at, event = 'resolved')) = 'resolved'
ORDER BY ended_ms DESC LIMIT 20
"""
INCIDENT = """
SELECT document FROM alerts FINAL WHERE incident_id = {incident:String} ORDER BY at, event = 'resolved' LIMIT 500
"""
DECISIONS = """
SELECT * EXCEPT (ingested_at, at, until), toUnixTimestamp64Milli(decisions.at) AS at,
    toUnixTimestamp64Milli(decisions.until) AS until
FROM decisions FINAL WHERE brand = {brand:String} AND incident_id = {incident:String}
ORDER BY decisions.at DESC LIMIT 100
"""
RULES = "SELECT watchlist FROM rules FINAL WHERE scope = 'pages' AND watchlist != 'null' ORDER BY at DESC LIMIT 1"
SERIES = """
SELECT toUnixTimestamp64Milli(minute) AS t, posts, negatives, complaints, critical, observed, expected
FROM minutes FINAL
WHERE brand = {brand:String} AND toUnixTimestamp64Milli(minutes.minute) BETWEEN {since:Int64} AND {until:Int64}
ORDER BY t DESC LIMIT 3000
"""
SPREADERS = """
SELECT spreading.*, influence.spreading_score FROM
(
    SELECT author_key, any(platform) AS platform, count() AS posts, countIf(kind IN ('repost', 'quote')) AS reposts,
        max(reach) AS reach, toUnixTimestamp64Milli(min(event_time)) AS first
    FROM signals FINAL
    WHERE has(brands, {brand:String}) AND (sentiment = 'neg' OR complaint_p >= 0.5) AND author_key != ''
        AND event_time BETWEEN fromUnixTimestamp64Milli({since:Int64}) AND fromUnixTimestamp64Milli({until:Int64})
    GROUP BY author_key ORDER BY reach DESC, posts DESC LIMIT 10
) AS spreading
LEFT JOIN (SELECT author_key, spreading AS spreading_score FROM influence FINAL WHERE brand = '') AS influence
USING author_key ORDER BY reach DESC, posts DESC
"""
DELIVERIES = """
SELECT target, status, attempts, toUnixTimestamp64Milli(requested_at) AS asked,
    toUnixTimestamp64Milli(finished_at) AS done, detail
FROM deliveries FINAL WHERE dedup_key = {incident:String} ORDER BY asked DESC LIMIT 50
"""
PAST = """
SELECT incident_id, brand, toUnixTimestamp64Milli(alerts.started) AS started, toUnixTimestamp64Milli(alerts.at) AS at,
    severity, reason, complaints, detectors, drivers, categories
FROM alerts FINAL WHERE alert_id IN
(
    SELECT argMax(alert_id, (at, event = 'resolved')) FROM alerts FINAL
    GROUP BY incident_id ORDER BY max(at) DESC LIMIT 300
)
"""
BRANDS = """
SELECT totals.brand AS brand, sum(posts) AS posts, sum(negatives) AS negatives, sum(complaints) AS complaints,
    sum(critical) AS critical, toUnixTimestamp64Milli(max(minute)) AS newest
FROM minutes AS totals FINAL
INNER JOIN (SELECT brand, max(minute) AS last FROM minutes GROUP BY brand) AS ends ON ends.brand = totals.brand
WHERE minute > last - INTERVAL 1 DAY
GROUP BY brand ORDER BY complaints DESC, brand LIMIT 500
"""
NEWEST = "SELECT toUnixTimestamp64Milli(max(minute)) AS newest FROM minutes WHERE brand = {brand:String}"
FACETS = """
SELECT facet, sum(posts) AS posts, sum(complaints) AS complaints, sum(negatives) AS negatives
FROM minute_totals WHERE brand = {brand:String} AND facet != '' AND NOT startsWith(facet, 'channel:')
    AND minute BETWEEN fromUnixTimestamp64Milli({since:Int64}) AND fromUnixTimestamp64Milli({until:Int64})
GROUP BY facet HAVING complaints > 0 ORDER BY complaints DESC, facet LIMIT 20
"""
LEADERS = """
SELECT author_key, round(lasting_now, 2) AS lasting, round(spreading_now, 2) AS spreading, h, reasons,
    toUnixTimestamp64Milli(at) AS at
FROM influence_leaders WHERE brand = {brand:String} AND topic = '' ORDER BY lasting_now DESC LIMIT 50
"""
FOUND = """
SELECT post_uid, toUnixTimestamp64Milli(event_time) AS at, platform, author_key, brands, sentiment, category,
    severity, reach, text, url, lang, count() OVER () AS hits
FROM signals FINAL
WHERE ({brand:String} = '' OR has(brands, {brand:String}))
    AND ({words:String} = '' OR positionCaseInsensitiveUTF8(text, {words:String}) > 0)
    AND ({negative:UInt8} = 0 OR sentiment = 'neg')
    AND event_time > (SELECT max(watermark) FROM source_progress) - toIntervalHour({hours:UInt32})
ORDER BY at DESC LIMIT 50
"""
REJECTED = """
SELECT topic, reason, count() AS number, toUnixTimestamp64Milli(max(at)) AS newest
FROM rejected FINAL GROUP BY topic, reason ORDER BY number DESC LIMIT 100
"""
LETTERS = """
SELECT topic, partition, offset, reason, detail, toUnixTimestamp64Milli(rejected.at) AS at, bytes,
    substringUTF8(payload, 1, 2000) AS payload
FROM rejected FINAL ORDER BY rejected.at DESC LIMIT 50
"""
PARTITIONS = """
SELECT source, toUnixTimestamp64Milli(watermark) AS watermark, read, rejected, duplicates, expired
FROM source_progress FINAL ORDER BY source LIMIT 1024
"""
BRAND_NAMES = "SELECT DISTINCT brand FROM minutes ORDER BY brand LIMIT 500"
