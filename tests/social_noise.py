"""Random interactions as a real log has them: fans, floods, counts, deletes, rubbish, clocks that are wrong."""

from collections.abc import Sequence
from random import Random

import msgspec

from pipeline.influence.endorse_stage import Endorse
from pipeline.influence.influence_stage import Influence
from pipeline.influence.spread_stage import Spread
from pipeline.replay import LogRecord
from pipeline.stage import Output
from schemas.author import Author
from schemas.codec import encode
from schemas.endorsement import Standing
from schemas.interaction import Interaction
from schemas.topics import ENDORSEMENTS
from tests.builders import START
from tests.noise import DAY, whole

PARTITIONS = 2
VIRAL_MS = 18_000_000  # one post is reposted a lot in the first five hours


def interaction(uid: str, actor: str | None, author: str | None, at: int, **fields: object) -> Interaction:
    """A repost, unless the fields say otherwise."""
    by = Author(author_key=actor) if actor else None
    plain = Interaction(
        interaction_uid=uid, type="repost", actor=by, target_author_key=author,
        target_uid=f"{author}-{at // 7_200_000}",
        platform="weibo", channel="microblog", event_time=at,
    )  # fmt: skip
    return msgspec.structs.replace(plain, **fields)


def interactions_log(rng: Random, count: int = 900) -> list[LogRecord]:
    """One interactions partition over two days."""
    records = []
    for offset in range(count):
        at = START + offset * 2 * DAY // count
        value = encode(_something(rng, offset, at)) if rng.random() < 0.97 else rng.choice([b"{", b"", b"[]"])
        records.append(LogRecord(offset, at + rng.randrange(2_000), b"k", value))
    return records


def _something(rng: Random, offset: int, at: int) -> Interaction | Standing:
    author = f"author {min(rng.randrange(40), rng.randrange(40))}"
    one = interaction(str(offset), f"fan {rng.randrange(120)}", author, at - rng.randrange(60_000))
    if at - START < VIRAL_MS and rng.random() < 0.5:
        return msgspec.structs.replace(one, target_uid="viral", target_author_key="author 0")
    odd = (
        {"actor": None, "count": 2**62}, {"op": "delete"}, {"actor": Author(author_key=author)}, {"type": "block"},
        {"target_author_key": None}, {"event_time": at - 3 * DAY}, {"event_time": at + DAY}, {"brand": "acme"},
        {"brand": "acme"}, {"actor": Author(author_key="seed", verified=True, verified_kind="media")},
    )  # fmt: skip
    if rng.random() < 0.05:
        return Standing(author_key=f"fan {rng.randrange(120)}", at=at, trusted=rng.random() * 50)
    return msgspec.structs.replace(one, **rng.choice(odd)) if rng.random() < 0.4 else one


def endorsements_log(rng: Random, target: int = 0) -> list[LogRecord]:
    """What two endorse stages tell one partition of authors, some of it again as after a crash; and rubbish."""
    told: list[Output] = [Output(ENDORSEMENTS.name, target, b"", b"{"), _uneven(target)]
    for source in range(PARTITIONS):
        stage, log, blocks = Endorse(source, PARTITIONS), interactions_log(rng), list[Output]()
        for start in range(0, len(log), 50):
            blocks += whole(stage, log[start : start + 50])
        told += _repeated(rng, [block for block in blocks if block.topic == ENDORSEMENTS.name])
    here = [one for one in told if one.partition == target]
    return [LogRecord(offset, START + offset, one.key, one.value) for offset, one in enumerate(here)]


def _repeated(rng: Random, blocks: Sequence[Output]) -> list[Output]:
    found = list[Output]()
    for number, block in enumerate(blocks):
        found.append(block)
        if rng.random() < 0.2:
            found += blocks[max(number - 3, 0) : number + 1]
    return found


def _uneven(target: int) -> Output:
    value = (
        b'{"source":0,"offsets":[1,2],"at":[],"actors":[],"authors":[],"brands":[],"posts":[],"gaps":[],'
        b'"weights":[],"trusts":[]}'
    )
    return Output(ENDORSEMENTS.name, target, b"", value)


def endorsing(source: int = 0) -> Endorse:
    """A fresh endorse stage."""
    return Endorse(source, PARTITIONS)


def spreading() -> Spread:
    """A fresh spread stage."""
    return Spread(0)


def influencing() -> Influence:
    """A fresh influence stage."""
    return Influence(0)
