"""Influence is a function of the interactions log: crashes, replays and repeated endorsements change no score."""

from random import Random

import msgspec
import pytest

from pipeline.influence.endorse_stage import Endorse
from pipeline.influence.identity import post_tag
from pipeline.influence.influence_stage import Influence
from pipeline.replay import LogRecord
from pipeline.stage import Output
from schemas.endorsement import Endorsements, InfluenceScore, Subjects, Voice
from schemas.topics import ENDORSEMENTS, INFLUENCE, POSTS
from tests.builders import START
from tests.noise import checkpoint, crashing, cut, whole
from tests.plain_endorsing import plain_rows, told_rows
from tests.social_noise import endorsements_log, interaction, interactions_log


def endorsed(outputs: list[Output]) -> list[LogRecord]:
    blocks = [one for one in outputs if one.topic == ENDORSEMENTS.name]
    return [LogRecord(offset, START, one.key, one.value) for offset, one in enumerate(blocks)]


def state(log: list[LogRecord]) -> tuple[dict[str, bytes], int]:
    """All rows after a log, and how many endorsements were repeated."""
    stage, blocks = Influence(0), dict[str, bytes]()
    stage.apply(log)
    checkpoint(stage, blocks, [])
    return blocks, stage.repeated


def scores(outputs: list[Output]) -> list[InfluenceScore]:
    return [msgspec.json.decode(one.value, type=InfluenceScore) for one in outputs if one.topic == INFLUENCE.name]


@pytest.mark.parametrize("seed", range(12))
def test_crashes_of_endorse_change_no_score(seed: int) -> None:
    log = interactions_log(Random(seed), 500)
    once, _ = state(endorsed(whole(Endorse(0, 1), log)))
    crashed, repeated = state(endorsed(crashing(Random(seed), lambda: Endorse(0, 1), log)))

    assert crashed == once
    assert repeated or seed


@pytest.mark.parametrize("seed", range(6))
def test_crashes_of_influence_repeat_bytes_and_change_nothing(seed: int) -> None:
    log = endorsements_log(Random(seed))
    plain, torn = whole(Influence(0), log), crashing(Random(seed), lambda: Influence(0), log)

    assert set(torn) == set(plain)
    assert cut(Random(seed), Influence(0), log) == plain


@pytest.mark.parametrize("partitions", [1, 3])
@pytest.mark.parametrize("seed", range(4))
def test_a_batch_is_worth_what_its_records_are_one_by_one(seed: int, partitions: int) -> None:
    log = interactions_log(Random(seed), 1_500)

    assert told_rows(whole(Endorse(0, partitions), log), partitions) == plain_rows(log, partitions)
    assert told_rows(cut(Random(seed), Endorse(0, partitions), log), partitions) == plain_rows(log, partitions)


def test_an_old_owner_that_repeats_itself_much_later_changes_nothing() -> None:
    log = endorsed(whole(Endorse(0, 1), interactions_log(Random(1), 500)))
    again = [record._replace(offset=len(log) + number) for number, record in enumerate(log)]

    assert state([*log, *again])[0] == state(log)[0]


def test_scores_say_from_whom_and_of_which_brand() -> None:
    log = [
        LogRecord(
            number,
            START,
            b"k",
            msgspec.json.encode(interaction(str(number), f"{number:016x}{number:016x}", "a", START, brand="acme")),
        )
        for number in range(1, 200)
    ]
    told = scores(whole(Influence(0), endorsed(whole(Endorse(0, 1), log))))

    assert {(one.author_key, one.brand) for one in told} == {("a", ""), ("a", "acme")}
    assert all(one.reasons and one.reasons[0].added > 0 for one in told)
    assert {reason.kind for one in told for reason in one.reasons} == {"repost"}
    assert told[0].lasting == told[1].lasting


def test_blocks_of_before_kinds_were_told_count_the_same_and_uneven_ones_are_no_blocks() -> None:
    log = endorsements_log(Random(1))
    told = [msgspec.json.decode(one.value or b"") for one in log if b'"kinds"' in (one.value or b"")]
    before = [LogRecord(n, START, b"0", msgspec.json.encode(one | {"kinds": []})) for n, one in enumerate(told)]
    uneven = [
        LogRecord(n, START, b"0", msgspec.json.encode(one | {"kinds": [1] * 5_000})) for n, one in enumerate(told)
    ]

    old = scores(whole(Influence(0), before))
    assert old
    assert {reason.kind for one in old for reason in one.reasons} == {""}
    assert scores(whole(Influence(0), uneven)) == []


def test_what_endorses_nobody_is_counted_by_reason() -> None:
    stage = Endorse(0, 1)
    odd = [
        interaction("1", None, "a", START, count=2**62), interaction("2", "f", "a", START, op="delete"),
        interaction("3", "f", None, START), interaction("4", "a", "a", START),
        interaction("5", "f", "a", START, type="block"),
    ]  # fmt: skip
    outputs = whole(stage, [LogRecord(number, START, b"k", msgspec.json.encode(one)) for number, one in enumerate(odd)])

    assert outputs == []
    assert stage.counted == {
        "read": 5, "rejected": 0, "standings": 0, "anonymous": 1, "taken_back": 1, "no_endorsement": 2, "self": 1,
        "excessive": 0,
    }  # fmt: skip


def test_an_account_that_claims_an_old_date_is_new_after_a_restart_too() -> None:
    said = [
        interaction("1", "1" * 32, "a", START), interaction("2", "2" * 32, "b", START - 400 * 86_400_000),
        interaction("3", "2" * 32, "c", START + 60_000),
    ]  # fmt: skip
    log = [LogRecord(number, START + 60_000, b"k", msgspec.json.encode(one)) for number, one in enumerate(said)]
    stage, again, blocks = Endorse(0, 1), Endorse(0, 1), dict[str, bytes]()
    stage.apply(log[:1])
    again.restore(blocks, checkpoint(stage, blocks, []))
    outputs = whole(again, log[1:])

    assert outputs == whole(stage, log[1:])
    assert [msgspec.json.decode(one.value, type=Endorsements).trusts for one in outputs] == [(0.0, 0.0)]


def about(*posts: tuple[str, tuple[str, ...], str], offset: int = 0) -> LogRecord:
    """What listen says of posts of the author "a"."""
    uids, brands, topics = zip(*posts, strict=True)
    block = Subjects(
        at=(START // 1000,) * len(posts), authors=("a",) * len(posts), posts=tuple(map(post_tag, uids)), brands=brands,
        topics=topics,
    )  # fmt: skip
    return LogRecord(offset, START, b"subjects", msgspec.json.encode(block))


def reposts(count: int, **fields: object) -> list[LogRecord]:
    log = [interaction(str(number), f"{number:016x}" * 2, "a", START, **fields) for number in range(1, count)]
    values = map(msgspec.json.encode, log)
    return [LogRecord(number, START, b"k", value) for number, value in enumerate(values)]


def shifted(log: list[LogRecord]) -> list[LogRecord]:
    return [record._replace(offset=record.offset + 1) for record in log]


def test_an_endorsement_counts_for_the_brands_and_the_topic_of_its_post() -> None:
    known = about(("p", ("acme", "bolt"), "delivery"), ("q", ("zelvo",), ""))
    log = shifted(endorsed(whole(Endorse(0, 1), reposts(200, target_uid="p", brand="acme"))))
    told = {(one.brand, one.topic): one.lasting for one in scores(whole(Influence(0), [known, *log]))}

    assert told.keys() == {("", ""), ("acme", ""), ("acme", "delivery"), ("bolt", ""), ("bolt", "delivery")}
    assert len(set(told.values())) == 1


def test_what_posts_are_about_may_be_said_twice_and_survives_a_checkpoint() -> None:
    known = about(("p", ("acme",), "delivery"))
    log = endorsed(whole(Endorse(0, 1), reposts(200, target_uid="p")))
    stage, again, blocks = Influence(0), Influence(0), dict[str, bytes]()
    stage.apply([known, known._replace(offset=1)])
    head = checkpoint(stage, blocks, [])
    again.restore(blocks, head)

    assert scores(whole(again, log)) == scores(whole(stage, log)) == scores(whole(Influence(0), [known, *log]))


def test_listen_hears_of_all_that_an_author_says_and_of_brands_but_not_of_topics() -> None:
    known = about(("p", ("acme",), "delivery"))
    outputs = whole(Influence(0), [known, *shifted(endorsed(whole(Endorse(0, 1), reposts(200, target_uid="p"))))])
    voices = [msgspec.json.decode(one.value, type=Voice) for one in outputs if one.topic == POSTS.name]
    told = [one for one in scores(outputs) if not one.topic]

    assert [(one.brand, one.at, one.every) for one in voices] == [(one.brand, one.at, one.every) for one in told]
    assert {one.brand for one in voices} == {"", "acme"}
    assert {(one.partition, one.key) for one in outputs if one.topic == POSTS.name} == {(0, b"a")}
