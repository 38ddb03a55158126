"""The outbox: pages in order for each target, escalations, digests, retries over restarts, and what is forgotten."""

from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dispatch.ledger import LONGEST_MS, REMEMBERED_MS
from pipeline.dispatch.pacing import Pacing
from pipeline.dispatch.settling import DETAIL_LENGTH, Said, delivery, worth_telling
from pipeline.page_message import message
from pipeline.routing.entries import Receiver, Route, Routing, Step, everyone
from schemas.dispatch import Letter, Mark
from tests.fakes.outbox import BUSY, DELIVERED, MINUTE, REFUSED, START, Outbox, made

STEPS = Routing(
    {name: Receiver(name, "terminal") for name in "abc"},
    (Route("all", (Step(0, ("a",)), Step(10 * MINUTE, ("b",)), Step(30 * MINUTE, ("c",)))),),
)
DIGEST = Routing(
    {"mail": Receiver("mail", "email"), "pager": Receiver("pager", "webhook")},
    (
        Route("little", (Step(0, ("mail",)),), severities=frozenset({"warning"}), digest=(9 * 60,)),
        Route("all", (Step(0, ("pager",)),)),
    ),
)


def marks(records: list[Letter | Mark]) -> list[tuple[str, str, str]]:
    return [(one.target, one.status, one.detail) for one in records if isinstance(one, Mark)]


def test_a_target_that_has_a_page_is_not_told_again_after_a_restart_and_the_others_are():
    box = Outbox(everyone(["a", "b"]))
    box.bring(made(1))
    box.settle(DELIVERED, "a")
    box.crash()

    assert box.told() == [("b", "i-1")]


def test_a_page_that_is_read_again_after_a_crash_goes_only_to_those_that_do_not_have_it():
    box = Outbox(everyone(["a", "b"]))
    box.bring(made(1), offset=1)
    box.settle(DELIVERED, "a")
    again = box.bring(made(1), offset=1)
    box.settle(REFUSED, "b")
    box.ledger.over(box.now)
    box.bring(made(1), offset=9)  # `tocsin dlq replay`

    assert again == []
    assert box.told() == [("b", "i-1")]


def test_pages_of_an_incident_wait_for_the_one_before_at_that_target_only():
    box = Outbox(everyone(["a", "b"]))
    box.bring(made(1))
    box.settle(BUSY, "a")
    box.settle(DELIVERED, "b")
    box.bring(made(2))
    box.bring(made(1, incident="other"))

    assert box.told() == [("a", "other-1"), ("b", "i-2"), ("b", "other-1")]
    box.now += 30_000
    assert ("a", "i-1") in box.told()


def test_a_page_is_tried_until_it_expires_and_then_given_up_with_the_reason():
    box = Outbox(everyone(["a"]))
    box.bring(made(1))
    attempts = 0
    while box.due():
        attempts += len(box.settle(BUSY))
        box.now += 30_000
    mark = box.ledger.mark(made(1), "a")

    assert mark is not None
    assert (mark.status, mark.attempts, mark.detail) == ("gave_up", attempts, "expired; the last attempt: HTTP 503")
    assert box.now - START >= box.routing.expire_ms


def test_a_page_that_expired_while_nobody_worked_is_tried_once_all_the_same():
    box = Outbox(everyone(["a"]))
    box.bring(made(1))
    box.now += 2 * box.routing.expire_ms

    assert box.settle(BUSY) == ["i-1"]
    assert box.due() == []


def test_whoever_does_not_acknowledge_is_followed_by_the_next():
    box = Outbox(STEPS)
    box.bring(made(1))
    heard = []
    for minutes in (0, 9, 1, 20):
        box.now += minutes * MINUTE
        box.crash()
        heard.append(box.told())
        box.settle(DELIVERED)

    assert heard == [[("a", "i-1")], [], [("b", "i-1")], [("c", "i-1")]]


def test_an_acknowledgement_calls_off_who_was_not_asked_yet_and_tells_who_was():
    box = Outbox(STEPS)
    box.bring(made(1))
    box.settle(DELIVERED)
    box.now += 12 * MINUTE
    box.settle(DELIVERED)
    records = box.bring(made(2, "acknowledge"))

    assert marks(records) == [("c", "not_needed", "acknowledged before it was due")]
    assert box.told() == [("a", "i-2"), ("b", "i-2")]


def test_a_target_that_is_down_gets_the_page_before_its_end():
    box = Outbox(everyone(["a"]))
    box.bring(made(1))
    box.settle(BUSY)
    box.bring(made(2, "resolve"))
    box.now += MINUTE
    order = [box.settle(DELIVERED), box.settle(DELIVERED)]

    assert order == [["i-1"], ["i-2"]]


def test_a_later_page_goes_at_once_to_who_knows_and_in_time_to_who_is_to_be_asked():
    box = Outbox(STEPS)
    box.bring(made(1))
    box.settle(DELIVERED)
    box.now += 8 * MINUTE
    records = box.bring(made(2))

    assert [one[:2] for one in marks(records)] == [("b", "not_needed"), ("c", "not_needed")]
    assert box.told() == [("a", "i-2")]
    box.settle(DELIVERED)
    box.now += 2 * MINUTE
    assert box.told() == [("b", "i-2")]


def test_an_end_of_which_nobody_remembers_the_beginning_goes_to_who_would_be_told_first():
    box = Outbox(STEPS)
    box.bring(made(2, "resolve"))

    assert box.told() == [("a", "i-2")]


def test_little_things_are_told_together_when_the_digest_is_due():
    box = Outbox(DIGEST)
    for incident in ("x", "y"):
        box.bring(made(1, incident=incident, severity="warning"))
    box.bring(made(2, incident="x", severity="warning"))
    before = box.told()
    box.now += 8 * 60 * MINUTE
    (parcel,) = box.due()

    assert before == []
    assert {way.letter.page.page_id for way in parcel.ways} == {"x-1", "y-1", "x-2"}
    assert parcel.page.title["en"] == "[DIGEST] incidents: 2, brands: 1"
    box.settle(DELIVERED)
    assert box.due() == []


def test_a_digest_shows_a_line_for_each_incident_and_no_stranger_s_post():
    box = Outbox(DIGEST)
    box.bring(made(1, incident="x", severity="warning"))
    box.now += 8 * 60 * MINUTE
    shown = message(box.due()[0].page, "zh", "https://console.example.com")

    assert shown.title == "【汇总】事件 1 起，品牌 1 个"
    assert len(shown.facts) == 1
    assert not shown.quotes
    assert shown.url == "https://console.example.com/incidents"


def test_what_gets_worse_leaves_the_digest_and_rings():
    box = Outbox(DIGEST)
    box.bring(made(1, severity="warning"))
    box.bring(made(2, severity="critical"))

    assert box.told() == [("pager", "i-2")]


def test_the_end_of_what_stood_in_a_digest_stands_in_the_next():
    box = Outbox(DIGEST)
    box.bring(made(1, severity="warning"))
    box.now += 8 * 60 * MINUTE
    box.settle(DELIVERED)
    box.bring(made(2, "acknowledge", severity="warning"))
    box.bring(made(3, "resolve", severity="warning"))
    box.now += 24 * 60 * MINUTE
    (parcel,) = box.due()

    assert [way.letter.page.page_id for way in parcel.ways] == ["i-3"]


def test_of_failed_attempts_the_first_the_second_the_fourth_are_told():
    box = Outbox(everyone(["a"]))
    box.bring(made(1))
    told = []
    for _ in range(9):
        box.settle(Said("busy", "x" * 5_000, 1.0))
        mark = box.ledger.mark(made(1), "a")
        assert mark is not None
        if worth_telling(mark):
            told.append(delivery(mark))
        box.now += 1_000

    assert [one.attempts for one in told] == [1, 2, 4, 8]
    assert {one.status for one in told} == {"retrying"}
    assert len(told[0].detail) == DETAIL_LENGTH


def test_a_finished_letter_goes_at_once_and_its_marks_when_the_incident_is_over_for_a_day():
    box = Outbox(everyone(["a"]))
    box.bring(made(1))
    box.settle(DELIVERED)
    letters = [key for _, key in box.ledger.over(box.now)]
    box.bring(made(2, "resolve"))
    box.settle(DELIVERED)
    box.ledger.over(box.now)
    early = box.ledger.over(box.now + REMEMBERED_MS - 1)
    late = [key for _, key in box.ledger.over(box.now + REMEMBERED_MS)]

    assert (letters, early, late) == ([b"i-1"], [], [b"i-1/a", b"i-2/a"])


def test_a_page_that_is_asked_for_again_is_not_removed_with_its_finished_letter():
    box = Outbox(everyone(["a"]))
    box.bring(made(1))
    box.settle(REFUSED)
    box.bring(made(1))

    assert box.ledger.over(box.now) == []
    assert box.told() == [("a", "i-1")]


def test_marks_of_an_incident_without_an_end_are_not_kept_for_ever():
    box = Outbox(everyone(["a"]))
    box.bring(made(1))
    box.settle(DELIVERED)
    box.ledger.over(box.now)

    assert [key for _, key in box.ledger.over(box.now + LONGEST_MS)] == [b"i-1/a"]


def test_a_clock_that_is_put_back_makes_neither_the_next_attempt_nor_the_next_minute_wait_for_hours():
    box, pacing = Outbox(everyone(["a"])), Pacing(1, at_once=9)
    box.bring(made(1))
    box.settle(BUSY)
    pacing.begin(box.now)
    too_soon = (box.told(), pacing.begin(box.now + 1))
    box.now -= 180 * MINUTE

    assert too_soon == ([], False)
    assert (box.told(), pacing.begin(box.now)) == ([("a", "i-1")], True)


def test_a_clock_that_is_put_back_asks_nobody_who_is_to_be_asked_later():
    box = Outbox(STEPS)
    box.bring(made(1))
    box.settle(DELIVERED)
    box.now -= 180 * MINUTE

    assert box.told() == []


def test_a_target_gets_no_more_than_so_many_a_minute_and_at_once():
    pacing = Pacing(3, at_once=2)
    first = [pacing.begin(0), pacing.begin(0), pacing.begin(0)]
    pacing.end()
    second = [pacing.begin(1), pacing.begin(2)]
    pacing.end()
    pacing.end()

    assert (first, second) == ([True, True, False], [True, False])
    assert not pacing.begin(59_999)
    assert pacing.begin(60_000)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["page", "a", "b", "busy", "crash", "torn", "wait"]), st.sampled_from(["x", "y"])),
        max_size=40,
    )
)
def test_whatever_happens_every_target_gets_every_page_and_first_in_order(
    script: list[tuple[str, str]],
):
    box, heard, numbers = Outbox(everyone(["a", "b"])), defaultdict(list), defaultdict(int)
    for step, incident in script:
        if step == "page":
            numbers[incident] += 1
            box.bring(made(numbers[incident], incident=incident))
        else:
            _act(box, heard, step)
    while list(box.ledger.waiting()):
        for step in ("wait", "a", "b"):
            _act(box, heard, step)

    for (_, incident), pages in heard.items():
        assert list(dict.fromkeys(pages)) == [f"{incident}-{n + 1}" for n in range(numbers[incident])]
    assert len(heard) == 2 * len([number for number in numbers.values() if number])


def _act(box: Outbox, heard: dict[tuple[str, str], list[str]], step: str) -> None:
    """One thing happens; ``torn``: targets have their pages, and the worker dies before that is kept."""
    for parcel in box.due() if step in ("a", "b", "torn") else []:
        if step in (parcel.target, "torn"):
            heard[parcel.target, parcel.page.dedup_key].append(parcel.page.page_id)
    if step in ("torn", "crash"):
        box.crash()
    elif step == "wait":
        box.now += MINUTE
    else:
        box.settle(*((BUSY,) if step == "busy" else (DELIVERED, step)))
