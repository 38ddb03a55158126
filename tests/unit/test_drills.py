"""A drill is judged and rings, and nothing that is real knows of it."""

from functools import cache
from random import Random

import msgspec
import pytest

from pipeline.rows import rows
from pipeline.stage import Output, Stage
from schemas.alert import Alert, Delivery, Page
from schemas.brand_log import Bundle
from schemas.codec import encode
from schemas.command import Command
from schemas.drill import DrillPost
from schemas.topics import ALERTS, BRAND_LOG, PAGES, SHADOW_ALERTS
from schemas.withdrawal import KEY, Withdrawal
from tests.builders import LATER, MINUTE, START, listen, post, record, records, rules_change
from tests.contract.test_stages import troubled_brand_log
from tests.noise import WATCHLIST, kept, listening, posts_log, shadowed, watching, whole, with_drills

D = "d" * 12


def drilled(uid: str, at: int, text: str = "acme burns", brand: str = "acme", drill: str = D) -> DrillPost:
    return DrillPost(drill=drill, brand=brand, post=post(uid, at, text))


def undrilled(log, source):
    """The same log with withdrawals of nothing in place of the drills: both pass time alike."""
    nothing = Withdrawal(subject="post:nobody's")
    return [
        record(one.offset, nothing, one.timestamp)._replace(key=KEY) if b'"drill"' in (one.value or b"") else one
        for one in with_drills(log, source)
    ]


@cache
def watched() -> tuple[Output, ...]:
    return tuple(whole(watching(), troubled_brand_log(with_drills)))


def of_drills(output) -> bool:
    return b'"drill-' in (output.value or b"")


def known(stage: Stage) -> dict[str, bytes]:
    """All that a stage remembers, but for drills and the withdrawals that stand for them."""
    stage.mark_all_dirty()
    return {
        name: block for name, block in stage.snapshot().blocks.items() if not name.startswith(("drills", "withdrawn"))
    }


def test_listen_tells_and_learns_all_that_is_real_as_if_there_were_no_drill():
    log, drilling, undisturbed = posts_log(Random(1), 0), listening(0), listening(0)
    with_it, without = kept(whole(drilling, with_drills(log, 0))), kept(whole(undisturbed, undrilled(log, 0)))

    assert {brand for _, _, _, brand, _ in with_it.pop("drills")} == {"acme"}
    assert without.pop("drills") == {}
    assert with_it == without
    assert known(drilling) == known(undisturbed)


def test_watch_tells_and_learns_all_that_is_real_as_if_there_were_no_drill():
    drilling, undisturbed = watching(), watching()
    with_it = whole(drilling, troubled_brand_log(with_drills))
    without = whole(undisturbed, troubled_brand_log(undrilled))
    theirs = [output for output in with_it if of_drills(output)]

    assert {output.topic for output in theirs} == {ALERTS.name, PAGES.name}
    assert kept(output for output in with_it if not of_drills(output)) == kept(without)
    assert known(drilling) == known(undisturbed)


def test_the_pages_say_that_it_is_a_drill_and_end_by_themselves():
    outputs = [output for output in watched() if of_drills(output)]
    pages = [msgspec.json.decode(one.value, type=Page) for one in outputs if one.topic == PAGES.name]
    alerts = [msgspec.json.decode(one.value, type=Alert) for one in outputs if one.topic == ALERTS.name]

    assert [page.action for page in pages] == ["trigger", "resolve"]
    assert all(page.title["en"].startswith("DRILL [") and page.title["zh"].startswith("演练 ") for page in pages)
    assert all(page.dedup_key == f"drill-{D}" and page.brand == "acme" for page in pages)
    assert "invented" in pages[0].body["en"].split("\n")[0]
    assert (alerts[-1].event, alerts[-1].resolved_by) == ("resolved", "tocsin drill")
    assert alerts[-1].at - alerts[0].at <= 30 * MINUTE


def test_a_brand_in_real_trouble_is_not_drilled():
    assert not [output for output in watched() if b"drill-eeeeeeeeeeee" in (output.value or b"")]


@pytest.mark.parametrize("begun", [False, True])
def test_a_shadow_does_not_drill_whether_it_begins_before_or_amidst(begun):
    log, stage = troubled_brand_log(with_drills), watching()
    rang = next(offset for offset, one in enumerate(log) if any(map(of_drills, stage.apply([one]))))
    log.insert(rang + 1 if begun else 0, record(0, rules_change(WATCHLIST, "shadow")))
    outputs = whole(shadowed(), [one._replace(offset=offset) for offset, one in enumerate(log)])

    assert {output.topic for output in outputs if of_drills(output)} == {ALERTS.name, PAGES.name}
    assert SHADOW_ALERTS.name in {output.topic for output in outputs}


def test_the_store_keeps_nothing_of_a_drill():
    outputs = [output for output in watched() if of_drills(output)]
    told = Delivery(
        page_id="p", dedup_key=f"drill-{D}", brand="acme", target="webhook", status="delivered", attempts=1,
        requested_at=START, finished_at=START,
    )  # fmt: skip
    (said,) = [one for one in whole(listen(), records([drilled("1", 0)])) if one.topic == BRAND_LOG.name]

    assert outputs
    assert all(rows(output.topic, output.value) == ({}, []) for output in outputs)
    assert rows(BRAND_LOG.name, encode(told)) == ({}, [])
    assert rows(BRAND_LOG.name, encode(msgspec.structs.replace(told, dedup_key="d0"))).lines.keys() == {"deliveries"}
    assert msgspec.json.decode(said.value, type=Bundle).rehearsals
    assert rows(BRAND_LOG.name, said.value).lines.keys() == {"source_progress"}


@pytest.mark.parametrize(
    "said",
    [
        drilled("1", 0, text="nobody we know"),  # does not name its brand
        drilled("1", 0, brand="bolt"),
        drilled("1", -10 * MINUTE),  # late
    ],
)
def test_what_is_late_or_does_not_name_its_brand_is_not_counted(said):
    stage = listen()
    stage.apply(records([post("0", 0)]))
    told = whole(stage, [record(1, said)])

    assert not [one for one in told if b"rehearsals" in (one.value or b"")]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (encode(drilled("1", 0, drill="x" * 12)), b"missing_field"),  # told as of a post, which it is not either
        (encode(drilled("1", LATER - START + 3_600_000)), b"future_timestamp"),
    ],
)
def test_a_bad_one_is_a_dead_letter(said, reason):
    (letter,) = listen().apply([record(0, said)])

    assert dict(letter.headers)["tocsin-reason-code"] == reason


def test_more_drills_than_are_kept_are_not_counted():
    stage = listen()
    told = whole(stage, records(drilled(str(n), 0, drill=f"{n:012x}") for n in range(40)))
    (bundle,) = [msgspec.json.decode(one.value, type=Bundle) for one in told if one.topic == BRAND_LOG.name]

    assert len(bundle.rehearsals) == 16


def test_a_drill_can_be_acknowledged_and_that_is_no_decision():
    stage, outputs, answered = watching(), [], False
    ack = Command(command_id="c", kind="ack", brand="acme", by="Mei", target=f"drill-{D}")
    for one in troubled_brand_log(with_drills):
        new = stage.apply([one])
        outputs += new
        if not answered and any(of_drills(output) and output.topic == PAGES.name for output in new):
            answered = True
            assert stage.apply([record(one.offset, ack, one.timestamp)]) == []
    pages = [msgspec.json.decode(one.value, type=Page) for one in outputs if one.topic == PAGES.name and of_drills(one)]

    assert [page.action for page in pages] == ["trigger", "acknowledge", "resolve"]
