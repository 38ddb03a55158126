"""Who leads in a brand, how they speak, and what a page says of it."""

import msgspec
import pytest

from pipeline.closing import Moment
from pipeline.incidents import Incident, absorb
from pipeline.leader_findings import leader_findings
from pipeline.leaders import CROWD, MOST, TOP, Leaders
from pipeline.page_text import render
from pipeline.watch import Watch
from pipeline.watch_records import Context
from schemas.alert import Alert
from schemas.brand_log import Bundle, Counts, Leader, Partial, Progress, Spoken
from schemas.finding import LEADER_TURNED, Finding
from schemas.topics import FINDINGS
from tests.builders import MINUTE, START, record, watchlist
from tests.noise import whole

HOUR = 60 * MINUTE


def leader(author: int, size: float, at: int = START) -> Leader:
    return Leader("acme", author, at, (size, 0.0), (size, 0.0))


def known(count: int) -> Leaders:
    """Author n has a score that grows with n."""
    leaders = Leaders()
    for number in range(1, count + 1):
        leaders.learn(leader(number, 10.0 * number))
    return leaders


def said(author: int, **posts: int) -> Spoken:
    return Spoken(author, 1.0, **posts)


def test_the_highest_lead_and_what_is_told_late_does_not_count() -> None:
    leaders = known(20)
    leaders.learn(leader(3, 9_000.0, START - HOUR))
    leaders.learn(leader(4, 9_000.0, START + HOUR))

    assert leaders.top(START + HOUR, 3) == [4, 20, 19]


def test_memory_is_bounded_to_those_who_lead() -> None:
    leaders = known(10 * CROWD)

    assert len(leaders.known) < CROWD
    assert leaders.top(START, MOST) == list(range(10 * CROWD, 10 * CROWD - MOST, -1))


@pytest.mark.parametrize(("count", "hostile", "told"), [
    (20, (20, 15, 11, 10, 1), (3, TOP)), (20, (), (0, TOP)), (4, (1, 2), (2, 4)), (2, (1, 2), (0, 0)),
])  # fmt: skip
def test_how_many_of_the_highest_speak_against_a_brand(
    count: int, hostile: tuple[int, ...], told: tuple[int, int]
) -> None:
    assert known(count).against(hostile, START) == told


def test_an_advocate_that_turns_is_told_once() -> None:
    leaders = known(5)
    for number in range(4):
        assert leaders.hear([said(5, positives=1), said(4, positives=1, negatives=1)], START + number * HOUR) == []
    (turned,) = leaders.hear([said(5, negatives=2, complaints=1)], START + 5 * HOUR)

    assert (turned.author, turned.place, turned.negatives) == (5, 1, 2)
    assert turned.positives == pytest.approx(4, abs=0.1)
    assert leaders.hear([said(5, negatives=1)], START + 6 * HOUR) == []


def test_strangers_and_old_praise_turn_nobody() -> None:
    leaders = known(5)
    leaders.hear([said(5, positives=4), said(77, positives=9)], START)

    assert leaders.hear([said(77, negatives=1)], START + HOUR) == []
    assert leaders.hear([said(5, negatives=1)], START + 60 * 24 * HOUR) == []


def test_an_incident_knows_who_spoke_against_the_brand() -> None:
    incident = Incident("i", START, START, START, START, START)
    absorb(
        incident,
        Moment(START, Counts(posts=3), voices=(said(1, negatives=1), said(2, positives=1), said(3, complaints=1))),
    )

    assert incident.hostile == (1, 3)


def test_a_finding_names_the_place_and_the_hash() -> None:
    leaders = known(5)
    leaders.hear([said(4, positives=9)], START)
    context = Context("acme", START + MINUTE, watchlist().rules, "digest", frozenset(), ())
    (finding,) = leader_findings(context, leaders.hear([said(4, negatives=1)], START + MINUTE))

    assert (finding.detector, finding.facet, finding.score) == (LEADER_TURNED, f"voice:{4:016x}", MOST / 2)


def alert(leaders: int, of: int) -> Alert:
    return Alert(
        alert_id="a", incident_id="i", event="opened", reason="complaint_volume", brand="acme", at=START, started=START,
        since=START, severity="error", detectors=("complaint_volume",), observed=9.0, expected=1.0,
        unit="complaints per minute", strength=20.0, counted_from=START, posts=9, negatives=9, complaints=9, critical=0,
        authors=9, suspected_flood=False, paged=True, rules="r", leaders=leaders, leaders_of=of,
    )  # fmt: skip


def test_a_page_says_how_many_of_the_most_influential_speak_against_the_brand() -> None:
    _, body = render(alert(3, 10))

    assert "3 of the 10 most influential voices on this brand speak against it" in body["en"]
    assert "最有影响力的 10 个账号中，3 个发表了负面言论" in body["zh"]
    assert all("influential" not in text and "影响力" not in text for text in render(alert(0, 10))[1].values())


def told(offset: int, minute: int, partials: tuple[Partial, ...] = (), leaders: tuple[Leader, ...] = ()) -> Bundle:
    progress = Progress(source=0, sources=1, offset=offset, watermark=START + minute * MINUTE)
    return Bundle(bucket_ms=MINUTE, previous=offset - 1, progress=progress, partials=partials, leaders=leaders)


def spoken(minute: int, *voices: Spoken) -> tuple[Partial, ...]:
    return (Partial(brand="acme", minute=START + minute * MINUTE, counts=Counts(posts=1), voices=voices),)


def test_watch_finds_a_leader_that_turned_even_after_a_restart() -> None:
    log = [told(0, 0, spoken(0)), told(1, 1), told(2, 2, spoken(1, said(7, positives=2)), (leader(7, 90.0),))]
    log += [told(number, number, spoken(number - 1, said(7, positives=2))) for number in range(3, 5)]
    log += [told(5, 6, spoken(5, said(7, negatives=1)))]
    before, after = [record(number, one) for number, one in enumerate(log)][:4], record(4, log[4])
    stage, again = Watch(0, watchlist()), Watch(0, watchlist())
    whole(stage, before)
    blocks, head = stage.snapshot()
    again.restore(dict(blocks), head)
    outputs = whole(again, [after, record(5, log[5])])
    found = [msgspec.json.decode(one.value, type=Finding) for one in outputs if one.topic == FINDINGS.name]

    assert [one.detector for one in found] == [LEADER_TURNED]
    assert found[0].brand == "acme"
