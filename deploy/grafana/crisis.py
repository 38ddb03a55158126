"""The dashboard for everybody: what burns now, over all brands, and what was done about it."""

from grafana_foundation_sdk.builders import dashboard

from deploy.grafana.panels import HALF, board, brand_choice, chart, number, rows

_BRANDS = "brand IN (${brand:sqlstring}) AND $__timeFilter(minute)"
_SEVERITIES = "['info', 'warning', 'error', 'critical']"


def build() -> dashboard.Dashboard:
    """Crisis overview."""
    made = board("tocsin-crisis", "Tocsin / Crisis overview", "What burns now, and what was done about it.", [
        number(
            "Open incidents", "SELECT count() AS open FROM incidents WHERE ended_at IS NULL",
            "Incidents that have not ended.", bad_from=1,
        ),
        number(
            "Pages", "SELECT count() AS pages FROM pages FINAL WHERE action = 'trigger' AND $__timeFilter(at)",
            "How often somebody was to be woken.",
        ),
        number(
            "Not delivered",
            "SELECT countIf(status != 'delivered') AS lost FROM deliveries FINAL WHERE $__timeFilter(requested_at)",
            "Pages that a target refused, or that were given up.", bad_from=1,
        ),
        number(
            "Critical complaints", f"SELECT sum(critical) AS critical FROM minutes FINAL WHERE {_BRANDS}",
            "Injury, danger, fraud, law.",
        ),
        rows(
            "Incidents",
            f"""SELECT opened_at, brand, state, peak_severity, pages, most_posts, most_complaints, most_authors,
            ended_at, arrayStringConcat(seen_by, ', ') AS detectors, incident_id FROM incidents
            WHERE brand IN (${{brand:sqlstring}}) AND updated_at >= $__fromTime AND opened_at <= $__toTime
            ORDER BY ended_at IS NOT NULL, indexOf({_SEVERITIES}, peak_severity) DESC, opened_at DESC LIMIT 50""",
            "The open ones first, the gravest of them on top.",
        ),
        chart(
            "Complaints",
            f"""SELECT $__timeInterval(minute) AS time, brand, sum(complaints) AS complaints FROM minutes FINAL
            WHERE {_BRANDS} GROUP BY time, brand ORDER BY time""",
            "Complaints in closed minutes, by brand.",
        ),
        chart(
            "Posts",
            f"""SELECT $__timeInterval(minute) AS time, brand, sum(posts) AS posts FROM minutes FINAL
            WHERE {_BRANDS} GROUP BY time, brand ORDER BY time""",
            "Posts in closed minutes, by brand.",
        ),
        rows(
            "Last pages",
            """SELECT at, brand, severity, action, title['en'] AS title FROM pages FINAL
            WHERE brand IN (${brand:sqlstring}) AND $__timeFilter(at) ORDER BY at DESC LIMIT 30""",
            "What responders were told.",
        ),
        rows(
            "Detectors over their threshold",
            """SELECT at, brand, facet, detector, score, threshold, observed, expected, unit FROM findings FINAL
            WHERE brand IN (${brand:sqlstring}) AND $__timeFilter(at) ORDER BY at DESC LIMIT 50""",
            "Findings; what comes of them is an incident or a reason below.", width=HALF,
        ),
        rows(
            "Why nobody was paged",
            """SELECT reason, count() AS decisions, uniqExact(brand) AS brands FROM decisions FINAL
            WHERE brand IN (${brand:sqlstring}) AND outcome = 'not_paged' AND $__timeFilter(at)
            GROUP BY reason ORDER BY decisions DESC""",
            "Reasons are explained in the manual under Incidents.", width=HALF,
        ),
    ])  # fmt: skip
    return made.with_variable(brand_choice(several=True))
