"""The dashboard of one brand: its level against the expected one, what complaints are about, and the posts."""

from grafana_foundation_sdk.builders import dashboard, timeseries

from deploy.grafana.panels import HALF, THIRD, board, brand_choice, chart, rows

_MINUTES = "FROM minutes FINAL WHERE brand = ${brand:sqlstring} AND $__timeFilter(minute)"
_PARTS = "FROM minute_totals WHERE brand = ${brand:sqlstring} AND $__timeFilter(minute)"
_BY_TIME = "GROUP BY time ORDER BY time"


def _part(title: str, kind: str, about: str) -> timeseries.Panel:
    return chart(
        title,
        f"""SELECT $__timeInterval(minute) AS time, substring(facet, {len(kind) + 2}) AS part,
        sum(complaints) AS complaints {_PARTS} AND startsWith(facet, '{kind}:')
        GROUP BY time, part ORDER BY time""",
        about, width=THIRD,
    )  # fmt: skip


def build() -> dashboard.Dashboard:
    """Brand."""
    made = board("tocsin-brand", "Tocsin / Brand", "One brand: level, parts, posts.", [
        chart(
            "Posts and complaints",
            f"""SELECT $__timeInterval(minute) AS time, sum(posts) AS posts, sum(negatives) AS negatives,
            sum(complaints) AS complaints, sum(critical) AS critical {_MINUTES} {_BY_TIME}""",
            "Counts in closed minutes.",
        ),
        chart(
            "Complaints against the expected",
            f"""SELECT $__timeInterval(minute) AS time, avg(observed['complaint_volume']) AS observed,
            avg(expected['complaint_volume']) AS expected {_MINUTES} {_BY_TIME}""",
            "As the detector of complaint volume sees it.",
        ),
        chart(
            "Scores of the detectors",
            f"""SELECT $__timeInterval(minute) AS time, detector, max(score) AS score FROM (
            SELECT minute, mapKeys(scores) AS names, mapValues(scores) AS values {_MINUTES})
            ARRAY JOIN names AS detector, values AS score GROUP BY time, detector ORDER BY time""",
            "Logarithm of the evidence against an ordinary day.",
        ),
        chart(
            "Share of negatives",
            f"""SELECT $__timeInterval(minute) AS time, sum(negatives) / sum(posts) AS negative
            {_MINUTES} AND posts > 0 {_BY_TIME}""",
            "Negative posts among all.", unit="percentunit",
        ),
        _part("Complaints by product", "product", "Products of the watch list."),
        _part("Complaints by platform", "platform", "Where they are written."),
        _part("Complaints by category", "category", "What they are about."),
        rows(
            "What complaints are about",
            f"""SELECT splitByChar(':', facet)[1] AS kind, substring(facet, position(facet, ':') + 1) AS part,
            sum(complaints) AS complaints, sum(critical) AS critical, sum(posts) AS posts
            {_PARTS} AND facet != '' GROUP BY facet HAVING complaints > 0 ORDER BY complaints DESC LIMIT 30""",
            "Parts overlap: their sum is more than the whole.", width=HALF,
        ),
        rows(
            "Incidents",
            """SELECT opened_at, state, peak_severity, pages, most_complaints, most_authors, ended_at FROM incidents
            WHERE brand = ${brand:sqlstring} AND updated_at >= $__fromTime AND opened_at <= $__toTime
            ORDER BY opened_at DESC LIMIT 30""",
            "Incidents of the time shown.", width=HALF,
        ),
        rows(
            "Gravest complaints",
            """SELECT event_time, platform, lang, category, severity, reach, text, url FROM signals FINAL
            WHERE has(brands, ${brand:sqlstring}) AND complaint_p >= 0.5 AND $__timeFilter(event_time)
            ORDER BY severity DESC, reach DESC, event_time DESC LIMIT 50""",
            "Posts, the most severe first.",
        ),
    ])  # fmt: skip
    return made.with_variable(brand_choice(several=False))
