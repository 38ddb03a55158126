"""Months of many brands in ClickHouse, made by ClickHouse itself: as many rows as a year of a busy team leaves."""

from collections.abc import Iterator
from typing import NamedTuple

from clickhouse_connect.driver.client import Client

_NAMES = "['complaint_volume', 'critical_complaint', 'mention_burst', 'negative_share', 'slow_burn']"
_AT = "fromUnixTimestamp64Milli(toInt64({start} + number * {span} / {count}))"
_KINDS = "['product', 'platform', 'category', 'region', 'channel', 'language', 'campaign']"
_POST = """
INSERT INTO signals (post_uid, revision, deleted, event_time, platform, channel, kind, author_key, brands, lang,
sentiment, polarity, complaint_p, category, severity, reach, text, url, source_offset)
SELECT hex(cityHash64(number)), 1, 0, {at}, 'weibo',
'microblog', 'post', hex(cityHash64(number % 500000)), [concat('brand-', toString(number % {brands}))], 'zh-Hans',
'neg', -0.5, (cityHash64(number, 1) % 100) / 100, 'service', cityHash64(number, 2) % 4,
toUInt64(exp2(cityHash64(number, 3) % 18)), repeat(hex(cityHash64(number, 4)), 6), 'https://example.invalid/p', number
FROM numbers({count})
"""
_PARTIALS = """
INSERT INTO minute_partials (brand, facet, minute, source, offset, posts, negatives, complaints, critical, severity,
polarity_milli, reach, late)
SELECT concat('brand-', toString({brand})),
if(facet = 0, '', concat({kinds}[facet % 7 + 1], ':', toString(facet))) AS name,
fromUnixTimestamp64Milli(toInt64({start} + number % {minutes} * 60000)), intDiv(number, {minutes}) % {sources},
{offset} + number, cityHash64(number) % 20, cityHash64(number, 1) % 8, cityHash64(number, 2) % 4,
cityHash64(number, 3) % 50 = 0, cityHash64(number, 4) % 9,
-(cityHash64(number, 5) % 4000), cityHash64(number, 6) % 90000, 0
FROM (SELECT number, intDiv(number, {minutes} * {sources}) AS facet FROM numbers({minutes} * {sources} * {facets}))
"""
_MINUTES = """
INSERT INTO minutes (brand, minute, bucket_ms, revision, posts, negatives, complaints, critical, severity,
polarity_milli, reach, authors, scores, observed, expected)
SELECT concat('brand-', toString(intDiv(number, {minutes}))),
fromUnixTimestamp64Milli(toInt64({start} + number % {minutes} * 60000)), 60000, 1, cityHash64(number) % 90 + 1,
cityHash64(number, 1) % 30, cityHash64(number, 2) % 15, cityHash64(number, 3) % 50 = 0, 3, -200,
cityHash64(number, 4) % 900000, 40,
mapFromArrays({names}, arrayMap(n -> (cityHash64(number, n) % 100) / 10, range(5))) AS told, told, told
FROM numbers({minutes} * {brands})
"""
_EVENTS = """
INSERT INTO alerts (alert_id, incident_id, event, reason, brand, at, started, since, severity, detectors, posts,
complaints, authors, paged, document)
SELECT toString(number), toString(intDiv(number, 8)), ['opened', 'escalated', 'updated', 'updated', 'updated',
'updated', 'updated', 'resolved'][number % 8 + 1], 'first', concat('brand-', toString(intDiv(number, 8) % {brands})),
{at} AS at, at, at, 'error', ['complaint_volume'], 90, 20,
15, number % 8 < 2, repeat('x', 4000) FROM numbers({count})
"""
_FINDINGS = """
INSERT INTO findings (finding_id, detector, brand, at, score, threshold, observed, expected, unit, since)
SELECT toString(number), 'complaint_volume', concat('brand-', toString(number % {brands})),
{at} AS at, 9, 8, 7, 1, 'complaints', at FROM numbers({count})
"""
_DECISIONS = """
INSERT INTO decisions (decision_id, brand, at, outcome, reason, detector)
SELECT toString(number), concat('brand-', toString(number % {brands})),
{at}, 'not_paged', 'below_threshold', 'negative_share'
FROM numbers({count})
"""
_PAGES = """
INSERT INTO pages (page_id, dedup_key, action, brand, at, severity, title, body, alert, document)
SELECT toString(number), toString(intDiv(number, 2)), 'trigger', concat('brand-', toString(number % {brands})),
{at}, 'error', map('en', 'a title'),
map('en', repeat('x', 2000)), repeat('x', 4000), repeat('x', 6000) FROM numbers({count})
"""
_DELIVERIES = """
INSERT INTO deliveries (page_id, dedup_key, brand, target, status, attempts, requested_at, finished_at)
SELECT toString(number), 'k', 'b', 'webhook', 'delivered', 1,
{at} AS at, at FROM numbers({count})
"""
_REJECTED = """
INSERT INTO rejected (topic, partition, offset, reason, detail, at, bytes, sha256, payload)
SELECT 'social.posts.v1', 0, number, 'wrong_type', 'likes', {at},
9, hex(number), repeat('x', 500) FROM numbers({count})
"""
_INFLUENCE = """
INSERT INTO influence (author_key, brand, at, lasting, spreading, h, every, trusted, reasons, partition, offset)
SELECT hex(cityHash64(number)), concat('brand-', toString(number % {brands})),
fromUnixTimestamp64Milli(toInt64({start} + {span} - cityHash64(number) % 600000000)), 1, 1, 2,
[cityHash64(number, 1) % 900 / 1., 9., 2.], [3., 2., 1.], '[]', 0, number FROM numbers({count})
"""
_PROGRESS = """
INSERT INTO source_progress (source, sources, offset, watermark, read)
SELECT number % 8, 8, number, fromUnixTimestamp64Milli(toInt64({start} + {span})), number FROM numbers({count})
"""
_TABLES = {  # statement -> rows
    _POST: 2_000_000, _EVENTS: 40_000, _FINDINGS: 200_000, _DECISIONS: 400_000, _PAGES: 4_000, _DELIVERIES: 8_000,
    _REJECTED: 100_000, _INFLUENCE: 1_000_000, _PROGRESS: 1_000,
}  # fmt: skip


class Size(NamedTuple):
    """How much there is. Partials: days x 1,440 x brands x facets x sources."""

    days: int
    brands: int
    facets: int  # of each brand, the total among them
    sources: int

    @property
    def partials(self) -> int:
        """Rows of ``minute_partials`` before those that are told again."""
        return self.days * 1_440 * self.brands * self.facets * self.sources


def seed(client: Client, size: Size, end: int) -> Iterator[str]:
    """Fill the tables up to ``end``, ms since 1970; yields what it did. The last day of partials is told twice."""
    span = size.days * 86_400_000
    given = {"start": end - span, "span": span, "brands": size.brands, "minutes": size.days * 1_440,
             "facets": size.facets, "sources": size.sources, "kinds": _KINDS, "names": _NAMES}  # fmt: skip
    for brand in range(size.brands):
        client.command(_PARTIALS.format(**given, brand=brand, offset=0))
        last = given | {"start": end - 86_400_000, "minutes": 1_440}
        client.command(_PARTIALS.format(**last, brand=brand, offset=10_000_000_000))
        yield f"partials of brand {brand}"
    client.command(_MINUTES.format(**given))
    for statement, count in _TABLES.items():
        client.command(statement.format(**given, count=count, at=_AT.format(**given, count=count)))
        yield statement.split()[2]
