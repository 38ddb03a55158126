"""Incidents of two sets of rules are matched one to one where they overlap, and told so that a person understands."""

import msgspec
import pytest

from pipeline.backtest_text import lead, told
from pipeline.backtesting import Comparison, Episode, Judged, compare
from pipeline.minute_log import ClosedMinute, minute_log
from pipeline.sketch import Distinct
from pipeline.stage import Output
from schemas.alert import Alert
from schemas.brand_log import Bundle, Counts
from schemas.codec import encode
from schemas.topics import ALERTS, PAGES
from tests.builders import MINUTE, START, watchlist
from tests.unit.test_rows import ALERT

WEEK = 7 * 86_400_000
END = START + 2 * WEEK
QUIET = watchlist(min_authors=20)


def alert(incident: str, minute: int, **given: object) -> Output:
    """An event of an incident of acme, ``minute`` after the start."""
    fields = {
        "incident_id": incident, "brand": "acme", "at": START + minute * MINUTE, "started": START + minute * MINUTE,
        "since": START + minute * MINUTE, "paged": False, "event": "updated", "reason": "too_few_authors",
    }  # fmt: skip
    return Output(ALERTS.name, 0, b"", encode(msgspec.structs.replace(ALERT, **(fields | given))))


def judged(*outputs: Output, rules=QUIET) -> Judged:
    made = Judged(rules, START, END)
    made.hear(outputs)
    return made


def life(incident: str, opened: int, paged: int | None, ended: int, brand: str = "acme") -> list[Output]:
    """An incident by minutes."""
    begun = {"started": START + opened * MINUTE, "since": START + opened * MINUTE, "brand": brand}
    events = [alert(incident, opened, **begun)]
    if paged is not None:
        events.append(alert(incident, paged, paged=True, reason="first", **begun))
    return [*events, alert(incident, ended, paged=paged is not None, event="resolved", reason="quiet", **begun)]


def between(old: list[Output], new: list[Output]) -> Comparison:
    return compare(judged(*old, rules=watchlist()), judged(*new), START, END)


def test_an_incident_pages_as_often_as_it_wakes_somebody_and_its_end_wakes_nobody():
    found = between(life("a", 0, 5, 60), [])

    assert (found.old.pages, found.old.pages_per_week, found.old.incidents) == (1, 0.5, 1)
    assert (found.new.pages, found.new.incidents) == (0, 0)
    assert [episode.incident_id for episode in found.only_old] == ["a"]


@pytest.mark.parametrize(
    ("old", "new", "seconds"),
    [
        ((0, 5, 60), (0, 2, 60), 180),
        ((0, 5, 60), (10, 12, 60), -420),
        ((0, 5, 60), (0, 5, 90), 0),
        ((0, None, 60), (4, None, 60), -240),
        ((0, 5, 60), (0, None, 60), None),
    ],
)
def test_the_lead_is_of_the_first_pages_or_of_the_openings_where_neither_pages(old, new, seconds):
    (pair,) = between(life("a", *old), life("b", *new)).pairs

    assert (pair.old.incident_id, pair.new.incident_id, pair.lead_s) == ("a", "b", seconds)


def test_incidents_of_other_brands_or_other_hours_are_not_the_same():
    old = [*life("a", 0, 5, 60), *life("b", 200, 205, 260), *life("c", 0, 5, 60, brand="bolt")]
    new = [*life("d", 100, 105, 160), *life("e", 220, 225, 300)]
    found = between(old, new)

    assert [(pair.old.incident_id, pair.new.incident_id) for pair in found.pairs] == [("b", "e")]
    assert [episode.incident_id for episode in found.only_old] == ["a", "c"]
    assert [episode.incident_id for episode in found.only_new] == ["d"]


def test_two_short_incidents_in_a_long_one_are_one_match_and_one_more():
    found = between(life("a", 0, 5, 300), [*life("b", 0, 5, 60), *life("c", 100, 105, 160)])

    assert [(pair.old.incident_id, pair.new.incident_id) for pair in found.pairs] == [("a", "b")]
    assert [episode.incident_id for episode in found.only_new] == ["c"]


def test_only_alerts_in_the_span_count():
    early, late = alert("a", -1, paged=True), alert("b", 2 * 7 * 24 * 60, paged=True)
    other = early._replace(topic=PAGES.name)

    assert judged(early, late, other).episodes == {}


def test_the_worst_severity_is_told_with_its_level():
    made = judged(
        alert("a", 0, severity="warning", observed=1.0), alert("a", 1, severity="critical", observed=9.0),
        alert("a", 2, severity="error", observed=5.0),
    )  # fmt: skip
    (episode,) = made.episodes.values()

    assert (episode.severity, episode.observed) == ("critical", 9.0)


def test_the_answer_says_who_is_no_longer_woken_and_why():
    found = between(
        [*life("a", 0, 5, 60), *life("b", 500, 505, 560)], [*life("c", 0, None, 60), *life("d", 500, 515, 560)]
    )
    text = "\n".join(told(found, ["rules.min_authors: 8 -> 20"]))

    assert "  rules.min_authors: 8 -> 20\n" in text
    assert "Only the old rules page: what you would no longer be woken by: 1\n" in text
    assert "new rules: incident without a page (too_few_authors, 7 authors)" in text
    assert "new rules 10 min later" in text
    assert text.endswith(
        "The new rules do not page for 1 incident and page for 0 incidents more; "
        "where both page, new rules 10 min later in the median."
    )


def test_the_same_rules_are_told_as_the_same():
    same = life("a", 0, 5, 60)

    assert list(told(between(same, same), []))[-1] == "The new rules page for the same incidents at the same minutes."


def test_what_strangers_call_a_brand_does_not_drive_the_terminal():
    text = "\n".join(told(between(life("a", 0, 5, 60, brand="x\x1b[2J\nforged"), []), []))

    assert "\x1b" not in text
    assert "\nforged" not in text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "at the same minute"), (30, "new rules 30 s earlier"), (-7200, "new rules 120 min later")],
)
def test_a_lead_in_words(seconds: float, words: str):
    assert lead(seconds) == words


def test_an_empty_span_divides_by_nothing():
    assert compare(judged(), judged(), START, START).old.pages_per_week == 0


def test_minutes_come_back_as_a_log_of_one_source_with_their_counts_and_authors():
    rows = [
        ClosedMinute("acme", START, Counts(posts=9, complaints=4), 3), ClosedMinute("bolt", START, Counts(posts=1), 0),
        ClosedMinute("acme", START + 5 * MINUTE, Counts(posts=700), 600),
    ]  # fmt: skip
    log = [msgspec.json.decode(record.value, type=Bundle) for record in minute_log(rows, MINUTE)]
    partials = [partial for bundle in log for partial in bundle.partials]

    assert [bundle.progress.watermark for bundle in log] == [START + MINUTE, START + 6 * MINUTE]
    assert [bundle.previous for bundle in log] == [-1, 0]
    assert [(one.brand, one.minute, one.counts) for one in partials] == [row[:3] for row in rows]
    assert [Distinct(one.authors).estimate() for one in partials] == [3, 0, pytest.approx(600, rel=0.05)]
    assert not set(partials[0].authors) & set(partials[2].authors)


def test_an_alert_of_an_episode_begun_before_the_span_keeps_its_beginning():
    begun = {"started": START - 60 * MINUTE, "since": START - 70 * MINUTE}
    (episode,) = judged(alert("a", 3, **begun)).episodes.values()

    assert episode == Episode(
        "a", "acme", START - 70 * MINUTE, START + 3 * MINUTE, START - 60 * MINUTE, severity="critical",
        reason="too_few_authors", observed=9.0, expected=1.5, unit="complaints", authors=7,
    )  # fmt: skip
    assert isinstance(ALERT, Alert)
