"""Whatever happens to a brand, an episode pages once, once more each time it gets worse, and once when it is over."""

from itertools import groupby, pairwise

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.closing import Moment
from pipeline.detectors._base import Verdict
from pipeline.incident_steps import step
from pipeline.incidents import Context, Incident, absorb, open_incident
from pipeline.page_text import page
from pipeline.policy import RANK
from schemas.alert import Alert, Page
from schemas.brand_log import Counts
from tests.builders import MINUTE, START, watchlist

RULES = watchlist(quiet_s=300, idle_s=900, max_life_s=3_600).rules
HARMFUL = frozenset({"complaint_volume", "negative_share"})
DETECTORS = (*sorted(HARMFUL), "mention_burst")
some = settings(max_examples=150, deadline=None)

# What each detector sees in a minute: how many times the usual if it rings, else whether it is calm.
SEEN = st.one_of(st.sampled_from([1.5, 4.0, 6.0, 19.0, 25.0]), st.booleans())
LIVES = st.lists(
    st.tuples(
        st.lists(SEEN, min_size=3, max_size=3), st.sampled_from([0, 1, 3, 12]), st.sampled_from([0, 1, 4]),
        st.sampled_from([0, 0, 5, 60]),
    ),
    min_size=1, max_size=60,
)  # fmt: skip


def verdict(seen: float | bool, at: int) -> Verdict:
    if isinstance(seen, bool):
        return Verdict(0.0, 1.0, 1.0, 1.0, "complaints per minute", at, calm=seen)
    return Verdict(1.0 + seen, seen, seen, 1.0, "complaints per minute", at, calm=False)


def lived(life, *, restarts: bool = False) -> list[tuple[Alert, Page | None]]:
    """Alerts and their pages, minute after minute as ``Series`` and ``Watch`` make them."""
    incident: Incident | None = None
    told: list[tuple[Alert, Page | None]] = []
    at, people = START, 0
    for seen, authors, critical, pause in life:
        at, people = at + (1 + pause) * MINUTE, people + authors
        counts = Counts(posts=authors, negatives=authors, complaints=authors, critical=min(critical, authors))
        moment = Moment(at, counts, tuple(range(people - authors, people)), {}, ())
        context = Context("acme", at + MINUTE, RULES, "rules", HARMFUL, ())
        verdicts = {name: verdict(one, at) for name, one in zip(DETECTORS, seen, strict=True)}
        alarms = {name: one for name, one in verdicts.items() if one.score >= 1}
        if incident is not None:
            absorb(incident, moment)
        elif alarms:
            incident = open_incident(context, alarms, [moment])
        if incident is None:
            continue
        if restarts:
            incident = msgspec.json.decode(msgspec.json.encode(incident), type=Incident)
        alert = step(incident, context, moment, verdicts)
        if alert is None:
            continue
        if alert.event == "resolved":
            told.append((alert, page(alert, 0) if alert.paged else None))
            incident = None
        else:
            told.append((alert, page(alert, incident.pages) if alert.paged else None))
    return told


def episodes(life) -> list[list[tuple[Alert, Page | None]]]:
    """What was told, by incident."""
    return [list(told) for _, told in groupby(lived(life), key=lambda item: item[0].incident_id)]


@given(LIVES)
@some
def test_a_key_pages_again_only_when_it_is_worse(life):
    for told in episodes(life):
        triggers = [page for _, page in told if page and page.action == "trigger"]

        assert len({page.dedup_key for page in triggers}) <= 1
        assert all(RANK[one.severity] < RANK[later.severity] for one, later in pairwise(triggers))
        assert [page.alert.reason for page in triggers] == (["first", *["escalated"] * 3])[: len(triggers)]


@given(LIVES)
@some
def test_a_key_is_of_one_episode_and_a_page_of_one_event(life):
    told = episodes(life)
    keys = [{alert.incident_id for alert, _ in episode} for episode in told]
    pages = [page.page_id for episode in told for _, page in episode if page]

    assert all(len(key) == 1 for key in keys)
    assert len(set.union(set(), *keys)) == len(told)
    assert len(set(pages)) == len(pages)


@given(LIVES)
@some
def test_the_end_of_an_episode_pages_once_if_and_only_if_it_woke_somebody(life):
    for told in episodes(life):
        ends = [page for alert, page in told if alert.event == "resolved"]
        woke = any(page and page.action == "trigger" for _, page in told)

        assert [bool(end) for end in ends] == ([woke] if ends else [])
        assert not ends or told[-1][0].event == "resolved"


@given(LIVES)
@some
def test_an_episode_opens_once_and_its_severity_never_goes_down(life):
    for told in episodes(life):
        events = [alert.event for alert, _ in told]
        ranks = [RANK[alert.severity] for alert, _ in told]

        assert events.index("opened") == 0
        assert events.count("opened") == 1
        assert ranks == sorted(ranks)


@given(LIVES)
@some
def test_a_restart_between_any_two_minutes_does_not_show(life):
    assert lived(life, restarts=True) == lived(life)


def test_the_lives_tell_of_everything():
    met: set[str] = set()

    @given(LIVES)
    @settings(max_examples=300, deadline=None, derandomize=True, database=None)
    def look(life) -> None:
        met.update(alert.reason for alert, _ in lived(life))

    look()

    assert met >= {"first", "escalated", "already_paged", "too_few_authors", "attention_only", "quiet"}
