"""Whatever is ordered and whenever: a replay decides the same, silence is kept, and nobody is woken too often."""

from collections import Counter
from random import Random
from typing import get_args

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.policy import RANK, REMINDERS
from pipeline.stage import Output
from pipeline.verification import Since, Transcript, Verification
from pipeline.watch_records import TOPIC_OF
from schemas.alert import Page
from schemas.command import EVERY_BRAND, Command, Matcher
from schemas.decision import Decision
from schemas.vocabulary import CommandKind
from tests.living_log import BUCKET, CALM, appended, ends, living_log, watching
from tests.noise import checkpoint, crashing, cut, kept, whole

some = settings(max_examples=60, deadline=None)
fewer = settings(max_examples=25, deadline=None)
LENGTH = 30  # buckets of trouble

KINDS = get_args(CommandKind)
MATCHERS = st.sampled_from([
    Matcher(), Matcher(), Matcher(detectors=("complaint_volume",)), Matcher(severities=("warning", "error")),
    Matcher(facets=("product:charger",)),
])  # fmt: skip


@st.composite
def commands(draw: st.DrawFn) -> tuple[int, Command]:
    bucket = draw(st.sampled_from([*range(-1, 4), *range(4, LENGTH, 3)]))
    kind = draw(st.sampled_from([*KINDS, "silence", "maintenance"]))
    lasting = draw(st.sampled_from([-1, 4, 12, 12, 100])) * BUCKET
    return bucket, Command(
        command_id=draw(st.sampled_from([f"c{number}" for number in range(12)])),
        kind=kind,
        brand=draw(st.sampled_from([*["acme"] * 5, "bolt", EVERY_BRAND, "nobody", "\x1b[31m'; --"])),
        by=draw(st.sampled_from(["Mei", "李\u202e", "'; DROP TABLE decisions; --"])),
        text=draw(st.sampled_from(["", "known\n", "{brand}"])),
        matcher=draw(MATCHERS),
        starts=draw(st.sampled_from([None, None, appended(bucket + 2)])),
        until=draw(st.sampled_from([None, *[appended(bucket) + lasting] * 4])),
    )


LEVELS = st.tuples(st.sampled_from([0, 0, 2, 6, 6, 30, 90]), st.integers(1, 12))
TROUBLE = st.lists(LEVELS, min_size=1, max_size=8).map(
    lambda runs: [*(bad for bad, length in runs for _ in range(length)), *[0] * LENGTH][:LENGTH]
)
ORDERS = st.lists(commands(), max_size=8)
LIVES = st.tuples(TROUBLE, ORDERS)
BURNING = ([6] * 14 + [90] * 16, [])
HUSHED = (
    [0] * 4 + [6] * 6 + [60] * 20,
    [(2, Command(command_id="c", kind="silence", brand="acme", by="Mei", until=appended(17)))],
)


def logged(life) -> list:
    trouble, orders = life
    by_bucket: dict[int, list[Command]] = {}
    for bucket, command in orders:
        by_bucket.setdefault(bucket, []).append(command)
    return living_log(trouble, by_bucket)


def read(outputs: list[Output], kind: type) -> list:
    topic = TOPIC_OF[kind].name
    return [msgspec.json.decode(output.value or b"", type=kind) for output in outputs if output.topic == topic]


def silent(life, brand: str, at: int) -> bool:
    """Whether a silence or maintenance of everything is in force, by a recount that knows no stage."""
    in_force: dict[str, tuple[str, int, int]] = {}
    seen: set[str] = set()
    for bucket, command in sorted(life[1], key=lambda item: item[0]):
        given_at = appended(bucket) + 30_000
        if given_at > at or command.command_id in seen:
            continue
        seen.add(command.command_id)
        begins = given_at if command.starts is None else command.starts
        if command.kind == "unsilence":
            in_force = {name: one for name, one in in_force.items() if one[0] != command.brand}
        elif command.kind in ("silence", "maintenance") and command.matcher == Matcher():
            in_force[command.command_id] = (command.brand, begins, command.until or 0)
    return any(one[0] in (brand, EVERY_BRAND) and one[1] <= at < one[2] for one in in_force.values())


@given(LIVES, st.integers(0, 2**32))
@fewer
def test_where_batches_are_cut_and_when_it_crashes_does_not_show(life, seed):
    log, rng = logged(life), Random(seed)
    truth = kept(whole(watching(), log))

    assert kept(cut(rng, watching(), log)) == truth
    assert kept(crashing(rng, watching, log)) == truth


@given(LIVES)
@some
def test_nobody_is_woken_while_everything_is_silenced(life):
    for page in read(whole(watching(), logged(life)), Page):
        if page.action == "trigger":
            assert not silent(life, page.brand, page.at + appended(0) - ends(0))


@given(LIVES)
@some
def test_an_episode_pages_once_for_each_severity_and_so_often_again_as_it_may_ask(life):
    triggers = [page for page in read(whole(watching(), logged(life)), Page) if page.action == "trigger"]
    steps = Counter((page.dedup_key, page.severity) for page in triggers if page.alert.reason != "unacknowledged")
    asked = Counter((page.dedup_key, page.severity) for page in triggers if page.alert.reason == "unacknowledged")

    assert set(steps.values()) <= {1}
    assert all(count <= REMINDERS[severity] for (_, severity), count in asked.items())
    for key in {page.dedup_key for page in triggers}:
        ranks = [RANK[page.severity] for page in triggers if page.dedup_key == key]
        assert ranks == sorted(ranks)


@given(LIVES)
@some
def test_every_page_and_every_command_that_counts_has_its_decision(life):
    outputs = whole(watching(), logged(life))
    pages, decisions = read(outputs, Page), read(outputs, Decision)
    paged = {(one.incident_id, one.at) for one in decisions if one.outcome == "paged"}
    answered = [one.command_id for one in decisions if one.outcome in ("applied", "ignored")]

    assert paged == {(page.dedup_key, page.at) for page in pages if page.action == "trigger"}
    assert sorted(answered) == sorted({command.command_id for _, command in life[1]})
    assert len({one.decision_id for one in decisions}) == len(decisions)


@given(LIVES, st.integers(CALM, CALM + LENGTH))
@fewer
def test_what_stands_is_verified_from_a_checkpoint_in_the_middle_too(life, since):
    log, outputs = logged(life), list[Output]()
    stage, blocks = watching(), dict[str, bytes]()
    outputs += stage.apply(log[:since])
    head = checkpoint(stage, blocks, outputs)
    begin, again = Since.of(head), watching()
    again.restore(blocks, head)
    outputs += stage.apply(log[since:])
    transcripts = {topic.name: Transcript(topic.name, begin, begins_late=False) for topic in TOPIC_OF.values()}
    for number, output in enumerate(output for output in outputs if output.topic in transcripts):
        transcripts[output.topic].read(log[0]._replace(offset=number, key=output.key, value=output.value))
    verification = Verification(again, len(log), transcripts)

    assert [clash for record in log[since:] if (clash := verification.follow(record))] == []
    assert verification.finish() is None


def test_the_lives_have_in_them_what_the_rules_are_about():
    outcomes: set[str] = set()

    @given(LIVES)
    @settings(max_examples=150, deadline=None, derandomize=True, database=None)
    def look(life) -> None:
        outcomes.update(one.reason for one in read(whole(watching(), logged(life)), Decision))

    look()
    outcomes.update(one.reason for one in read(whole(watching(), logged(BURNING)), Decision))
    outcomes.update(one.reason for one in read(whole(watching(), logged(HUSHED)), Decision))

    assert outcomes >= {
        "first", "escalated", "unacknowledged", "silence_ended", "silenced", "maintenance", "acknowledged",
        "resolved_by", "commanded", "no_open_incident", "unknown_brand", "over", "no_such_silence", "inhibited",
    }  # fmt: skip
