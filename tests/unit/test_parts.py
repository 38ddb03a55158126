"""Parts of a brand: they run the detectors of harm, are bounded, and only join."""

import msgspec

from pipeline.closing import Moment, add_up
from pipeline.clusters import measured
from pipeline.detectors._base import Observation, Tuning, Verdict
from pipeline.incidents import Context, FacetAlarm
from pipeline.parts import MOST, Parts, StoredParts, followed
from pipeline.series import DETECTORS, HARMFUL, Closed, Series, Stored
from pipeline.watch_records import findings
from pipeline.watchlist import Brand, Facet
from schemas.brand_log import Counts, Partial
from tests.builders import START, watchlist

BUCKET = 300_000
RULES = watchlist(bucket_s=300, quiet_s=900, idle_s=900).rules
TUNING = Tuning(300, 8.0)
CALM = 600  # buckets
CHARGER = "product:charger"
ALARM = Verdict(1.5, 9.0, 0.9, 0.3, "negative share", START, calm=False)


def close(series: Series, number: int, whole: Counts, part: Counts, facets: tuple[str, ...] = (CHARGER,)) -> Closed:
    """One bucket of the brand and its charger."""
    minute = START + number * BUCKET
    split = {CHARGER: measured(part)}
    moment = Moment(minute, whole, tuple(range(whole.negatives)), {CHARGER: part.complaints}, (), split)
    context = Context("acme", minute + BUCKET, RULES, "rules", HARMFUL, (), facets=facets)
    seen = Observation(minute, 0, whole.posts, whole.negatives, whole.complaints)
    return series.close(context, seen, moment, TUNING)


def lived(number: int = CALM) -> Series:
    """A brand with twenty posts a bucket, of which four complain, and a charger with one good post."""
    series = Series()
    for bucket in range(number):
        close(series, bucket, Counts(posts=20, negatives=4, complaints=4), Counts(posts=1))
    return series


def in_trouble(series: Series, brand_too: bool) -> list[Closed]:
    """Four complaints more about the charger in each bucket; the brand's own rise with them, or hardly."""
    more = 40 if brand_too else 0
    whole = Counts(posts=20 + more, negatives=5 + more, complaints=5 + more)
    return [close(series, CALM + bucket, whole, Counts(posts=4, negatives=4, complaints=4)) for bucket in range(12)]


def test_trouble_of_a_part_alone_opens_an_incident_that_names_it_and_wakes_nobody():
    closed = in_trouble(lived(), brand_too=False)
    alerts = [one.alert for one in closed if one.alert]

    assert (alerts[0].event, alerts[0].reason, alerts[0].facets) == ("opened", "facet_only", (CHARGER,))
    assert {alert.severity for alert in alerts} == {"info"}
    assert not any(alert.paged for alert in alerts)
    assert alerts[0].detectors != ()


def test_an_alarm_of_a_part_is_a_finding_that_names_the_part():
    context = Context("acme", START, RULES, "rules", HARMFUL, (), facets=(CHARGER,))
    closed = in_trouble(lived(), brand_too=True)
    told = [finding for one in closed for finding in findings(context, one)]
    alarms = sum(len(one.facets) + sum(verdict.score >= 1 for verdict in one.verdicts.values()) for one in closed)

    assert {finding.facet for finding in told} == {"", CHARGER}
    assert len(told) == alarms
    assert len({finding.finding_id for finding in findings(context, closed[0]._replace(facets={
        CHARGER: FacetAlarm("negative_share", ALARM), "region:north": FacetAlarm("negative_share", ALARM),
    }, verdicts={"negative_share": ALARM}))}) == 3  # fmt: skip


def test_when_the_brand_joins_it_pages_once_and_names_the_part():
    closed = in_trouble(lived(), brand_too=True)
    paged = [one.alert for one in closed if one.alert and one.alert.paged]

    assert len(paged) == 1
    assert len({one.alert.incident_id for one in closed if one.alert}) == 1
    assert [one.alert.facets for one in closed if one.alert][-1] == (CHARGER,)
    assert any(one.reason == "inhibited" and one.facet == CHARGER for each in closed for one in each.decisions)


def test_parts_survive_a_checkpoint_at_any_point():
    series = lived(30)
    again = Series.restored(msgspec.msgpack.decode(msgspec.msgpack.encode(series.stored()), type=Stored))
    posts, part = Counts(posts=20, negatives=9, complaints=9), Counts(posts=9, negatives=9, complaints=9)
    after = range(30, 90)

    assert [close(again, n, posts, part) for n in after] == [close(series, n, posts, part) for n in after]
    assert again.stored() == series.stored()


def test_a_part_that_is_not_followed_is_not_looked_at_and_is_forgotten():
    series = lived(3)
    close(series, 3, Counts(posts=20), Counts(posts=1), facets=())

    assert series.stored().parts == StoredParts()


def test_minutes_are_added_up_and_looked_at_every_five_minutes():
    parts, seen = Parts(DETECTORS), Observation(START, 0, 9, 9, 9)
    moment = Moment(START, Counts(), splits={CHARGER: [3, 2, 1, 0]})
    opened = []
    for minute in range(10):
        parts.close((CHARGER,), seen._replace(minute=START + minute * 60_000), moment, Tuning(60, 8.0))
        opened.append(parts.stored().open.get(CHARGER, Counts()).posts)

    assert opened == [3, 6, 9, 12, 0] * 2
    assert set(parts.stored().states[CHARGER]) == set(DETECTORS)


def test_so_many_parts_of_a_brand_are_followed_products_first():
    facets = tuple(Facet(id=f"{number}", name="", aliases=("a",)) for number in range(10))
    brand = Brand(id="acme", name="Acme", aliases=("acme",), products=facets, regions=facets)

    assert len(followed(brand)) == MOST
    assert followed(brand)[9:11] == ("product:9", "region:0")


def test_a_part_is_added_up_over_sources_and_other_facets_are_no_parts():
    facets = {"product:x": Counts(posts=1), "region:y": Counts(posts=2), "channel:forum": Counts(posts=3)}
    partial = Partial(brand="acme", minute=START, counts=Counts(posts=3), facets=facets)
    moment, parts = add_up(START, {0: (1, partial), 1: (1, partial)}), Parts(DETECTORS)
    parts.close(("product:x", "region:y"), Observation(START, 0, 6, 0, 0), moment, Tuning(60, 8.0))

    assert parts.stored().open == {"product:x": Counts(posts=2), "region:y": Counts(posts=4)}
