"""Verifying: whatever crashed and restarted on the way is identical, and one altered record is always found."""

from functools import cache
from itertools import zip_longest
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.replay import LogRecord
from pipeline.stage import Output
from pipeline.verification import Clash, Since, Transcript, Verification
from pipeline.watch_records import TOPIC_OF
from tests.noise import (
    SOURCES,
    batches,
    brand_log,
    checkpoint,
    crashing,
    cut,
    listening,
    posts_log,
    watching,
)

TOPICS = tuple(topic.name for topic in TOPIC_OF.values())
few = settings(max_examples=12, deadline=None)
seeds = st.integers(0, 2**32)


@cache
def log() -> list[LogRecord]:
    rng = Random(5)
    told = [cut(rng, listening(source), posts_log(rng, source)) for source in range(SOURCES.posts)]
    return brand_log(output for one in zip_longest(*told) for output in one if output)


def standing(outputs: list[Output]) -> dict[str, list[LogRecord]]:
    """The output topics after ``outputs``."""
    topics: dict[str, list[LogRecord]] = {name: [] for name in TOPICS}
    for output in outputs:
        if output.topic in topics:
            records = topics[output.topic]
            records.append(LogRecord(len(records), 0, output.key, output.value))
    return topics


def verified(
    topics: dict[str, list[LogRecord]], since: int = 0, required: int | None = None, cut: frozenset[str] = frozenset()
) -> Clash | int:
    """The first clash, or how many records are as they should be; from the checkpoint at ``since`` on."""
    stage, blocks, outputs = watching(), dict[str, bytes](), list[Output]()
    begin = Since()
    if since:
        stage.apply(log()[:since])
        head = checkpoint(stage, blocks, outputs)
        stage, begin = watching(), Since.of(head)
        stage.restore(blocks, head)
    transcripts = {}
    for name, records in topics.items():
        transcripts[name] = Transcript(name, begin, begins_late=name in cut)
        for record in records:
            transcripts[name].read(record)
    verification = Verification(stage, len(log()) if required is None else required, transcripts)
    for record in log()[since:]:
        if clash := verification.follow(record):
            return clash
    return verification.finish() or sum(transcript.same for transcript in transcripts.values())


@cache
def decided() -> tuple[Output, ...]:
    return tuple(output for output in watching().apply(log()) if output.topic in TOPICS)


def test_there_is_something_to_verify():
    assert {output.topic for output in decided()} == set(TOPICS)


@given(seeds)
@few
def test_what_crashing_workers_wrote_is_identical(seed):
    outputs = crashing(Random(seed), watching, log())

    assert len(outputs) >= len(decided())
    assert verified(standing(outputs)) == len(decided())


@given(seeds, st.integers(1, 99))
@few
def test_from_a_checkpoint_on_it_is_identical_too(seed, percent):
    since = len(log()) * percent // 100
    before = sum(output.topic in TOPICS for output in watching().apply(log()[:since]))

    assert verified(standing(crashing(Random(seed), watching, log())), since) == len(decided()) - before


@given(seeds)
@few
def test_outputs_after_the_last_checkpoint_may_be_missing_but_not_those_before_it(seed):
    rng = Random(seed)
    required = rng.randrange(len(log()) // 2, len(log()))
    stage = watching()
    acknowledged = [output for output in stage.apply(log()[:required]) if output.topic in TOPICS]
    rest = [output for output in stage.apply(log()[required:]) if output.topic in TOPICS]
    written = rest[: rng.randrange(len(rest) + 1)]

    assert verified(standing([*acknowledged, *written]), required=required) == len(acknowledged) + len(written)
    assert isinstance(verified(standing(acknowledged[:-1]), required=required), Clash)


@given(seeds)
@few
def test_one_altered_lost_or_added_record_is_found_and_named(seed):
    rng = Random(seed)
    topics = standing(list(decided()))
    records = topics[rng.choice(TOPICS)]
    name, place = next(name for name in topics if topics[name] is records), rng.randrange(len(records))
    changed = msgspec.json.encode(msgspec.json.decode(records[place].value) | {"brand": "another"})
    forged = records[place]._replace(value=changed)
    altered = [*records[:place], forged, *records[place + 1 :]]
    lost = records[:place] + records[place + 1 :]
    added = [*records[:place], forged, *(one._replace(offset=one.offset + 1) for one in records[place:])]
    wanted = records[place].value
    clashes = [verified(topics | {name: one}) for one in (altered, lost, added)]

    assert [clash.topic for clash in clashes] == [name] * 3
    assert [clash.expected and clash.expected.value for clash in clashes] == [wanted, wanted, None]
    assert [clash.found for clash in clashes] == [place, place + 1 if place + 1 < len(records) else None, place]


@given(seeds)
@few
def test_what_retention_removed_is_not_missed_and_what_is_left_is_compared(seed):
    rng = Random(seed)
    topics = standing(crashing(rng, watching, log()))
    removed = {name: records[rng.randrange(len(records)) :] for name, records in topics.items()}
    order = {name: [output.value for output in decided() if output.topic == name] for name in TOPICS}
    left = sum(len(order[name]) - order[name].index(records[0].value) for name, records in removed.items())

    assert verified(removed, cut=frozenset(TOPICS)) == left


@given(seeds)
@few
def test_how_the_log_is_batched_does_not_show(seed):
    stage, outputs = watching(), list[Output]()
    for batch in batches(Random(seed), log()):
        outputs += stage.apply(batch)

    assert verified(standing(outputs)) == len(decided())
