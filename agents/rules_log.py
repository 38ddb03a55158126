"""Rules as the brand log has them: which are in force on each partition, and telling it a change."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec
from aiokafka import TopicPartition

from agents.checkpoints import Latest, Manifest, choose, read_latest
from agents.feeding import EMBEDDED_API, producer
from agents.log_reader import extents, log_reader, read
from agents.partition_counts import counted
from pipeline.ruling import KEYS, Ruling, listed
from pipeline.shadow import HEAD, PREFIX
from pipeline.watchlist import WatchList
from schemas.codec import Decoder, Malformed, encode
from schemas.rules_change import RulesChange
from schemas.topics import BRAND_LOG, WATCH_STATE
from schemas.vocabulary import RulesScope

ACKNOWLEDGED_S = 30.0

Lists = dict[RulesScope, WatchList | None]

_CHANGE: Decoder[RulesChange] = Decoder(RulesChange)


class TopicsMissing(Exception):  # noqa: N818  # named as what it is
    """There is no brand log; the text says what to do."""


class InForce(NamedTuple):
    """The watch lists of one partition, None where nobody has said any."""

    pages: WatchList | None
    shadow: WatchList | None


async def in_force(bootstrap: str) -> dict[int, InForce]:
    """By partition: what the last checkpoint of watch says, and the changes on the log since then.

    Raises:
        TopicsMissing: there is no brand log.
        aiokafka.errors.KafkaError: the broker is not there.
        agents.checkpoints.StateLost: watch has no complete checkpoint.
    """
    there = await counted(bootstrap, (BRAND_LOG.name, WATCH_STATE.name))
    if len(there) < 2:  # noqa: PLR2004  # both topics
        raise TopicsMissing(f"{BRAND_LOG.name} is missing; run `tocsin topics create`")
    latest = await read_latest(bootstrap, WATCH_STATE.name, range(there[BRAND_LOG.name]))
    saved = {number: choose(found.values) for number, found in latest.items()}
    known = {number: _checkpointed(latest[number], manifest) for number, manifest in saved.items()}
    async with log_reader(bootstrap) as consumer:
        ranges = await extents(consumer, [TopicPartition(BRAND_LOG.name, number) for number in saved])
        since = {tp: max(begin, one.offset if (one := saved[tp.partition]) else 0) for tp, (begin, _) in ranges.items()}
        async for number, records in read(consumer, {tp: (since[tp], end) for tp, (_, end) in ranges.items()}):
            for record in records:
                if record.key in KEYS.values():
                    _take(known[number], _CHANGE.decode(record.value))
    return {number: InForce(**lists) for number, lists in known.items()}


def _checkpointed(latest: Latest, saved: Manifest | None) -> Lists:
    blocks = {block: latest.values[version] for block, version in saved.blocks.items()} if saved else {}
    shadow = _list(blocks, f"{PREFIX}rules") if blocks.get(HEAD) else None
    return {"pages": _list(blocks, "rules"), "shadow": shadow}


def _list(blocks: Mapping[str, bytes], name: str) -> WatchList | None:
    return msgspec.json.decode(blocks[name], type=Ruling).watchlist if name in blocks else None


def _take(known: Lists, change: RulesChange | Malformed) -> None:
    if isinstance(change, Malformed):
        return
    watchlist = listed(change) if change.watchlist is not None else None
    if not isinstance(watchlist, Malformed) and (watchlist or change.scope == "shadow"):
        known[change.scope] = watchlist


def tell(bootstrap: str, change: RulesChange, partitions: int, *, embedded: bool) -> None:
    """Append a change to every partition of the brand log, and wait until all have acknowledged it.

    Raises:
        kafka.errors.KafkaError: one has not; it is on some partitions, and telling it again does no harm.
    """
    sending = producer(bootstrap, EMBEDDED_API if embedded else None)
    try:
        sent = [
            sending.send(BRAND_LOG.name, encode(change), key=KEYS[change.scope], partition=number)
            for number in range(partitions)
        ]
        for one in sent:
            one.get(ACKNOWLEDGED_S)
    finally:
        sending.close()
