"""The dashboard of those who spread: leaders of a brand now, and complaints that many people see."""

from grafana_foundation_sdk.builders import dashboard

from deploy.grafana.panels import HALF, board, brand_choice, chart, number, rows

_BRAND = "brand = ${brand:sqlstring}"
_LOUD = "has(brands, ${brand:sqlstring}) AND reach >= 10000 AND $__timeFilter(event_time)"


def build() -> dashboard.Dashboard:
    """Influence."""
    made = board("tocsin-influence", "Tocsin / Influence", "Who spreads what is said about a brand.", [
        number("Authors scored", f"SELECT count() AS authors FROM influence FINAL WHERE {_BRAND}",
               "Authors with a score in this brand within 30 days."),
        number("Loud posts", f"SELECT count() AS posts FROM signals FINAL WHERE {_LOUD}",
               "Posts of authors with 10,000 followers or more."),
        number("Loud complaints",
               f"SELECT countIf(complaint_p >= 0.5) AS complaints FROM signals FINAL WHERE {_LOUD}",
               "Complaints among them.", bad_from=1),
        number("Reach",
               f"SELECT sum(reach) AS reach FROM minutes FINAL WHERE {_BRAND} AND $__timeFilter(minute)",
               "Followers of all authors, as often as they wrote."),
        rows(
            "Leaders of the brand",
            f"""SELECT author_key, lasting_now, spreading_now, h, at FROM influence_leaders
            WHERE {_BRAND} ORDER BY lasting_now DESC LIMIT 50""",
            "By lasting influence, faded to now.", width=HALF,
        ),
        rows(
            "Spreading now",
            f"""SELECT author_key, spreading_now, lasting_now, h, at FROM influence_leaders
            WHERE {_BRAND} ORDER BY spreading_now DESC LIMIT 50""",
            "By what was endorsed in the last hours.", width=HALF,
        ),
        chart(
            "Reach of posts",
            f"""SELECT $__timeInterval(minute) AS time, sum(reach) AS reach FROM minutes FINAL
            WHERE {_BRAND} AND $__timeFilter(minute) GROUP BY time ORDER BY time""",
            "Followers of the authors, as often as they wrote.",
        ),
        chart(
            "Complaints of authors with many followers",
            f"""SELECT $__timeInterval(event_time) AS time, countIf(complaint_p >= 0.5) AS complaints,
            count() AS posts FROM signals FINAL WHERE {_LOUD} GROUP BY time ORDER BY time""",
            "From 10,000 followers on.",
        ),
        rows(
            "Loudest complaints",
            f"""SELECT event_time, platform, author_key, reach, severity, category, text, url FROM signals FINAL
            WHERE {_LOUD} AND complaint_p >= 0.5 ORDER BY reach DESC LIMIT 50""",
            "Complaints that most people may have seen.",
        ),
        rows(
            "Leaders over all brands",
            """SELECT author_key, lasting_now, spreading_now, h, at FROM influence_leaders
            WHERE brand = '' ORDER BY lasting_now DESC LIMIT 50""",
            "Whatever they write about.",
        ),
    ])  # fmt: skip
    return made.with_variable(brand_choice(several=False))
