"""Checkpoints on a compacted topic: immutable block versions under a manifest, and how the latest one is found.

Keys: ``<block>/<writer>.<n>`` is one version of a block, written once; ``manifest/<writer>`` is written after all the
versions it names are acknowledged. So a crash at any point, or a writer that lost its partition and does not know it
yet, leaves a consistent state: every complete manifest is a fold of the same log.
"""

from collections.abc import Mapping, Sequence

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

MANIFEST = "manifest/"
FETCH_BYTES = 8 << 20


class StateLost(Exception):  # noqa: N818  # named as what it is
    """A manifest exists but none is complete."""


class Manifest(msgspec.Struct):
    """One checkpoint: the offset its state has reached, and the version of every block."""

    offset: int
    blocks: dict[str, str]
    head: bytes


def choose(latest: Mapping[str, bytes]) -> Manifest | None:
    """The complete manifest with the highest offset; None for a partition without state.

    Raises:
        StateLost: there are manifests, but each misses a block.
    """
    found = [msgspec.json.decode(value, type=Manifest) for key, value in latest.items() if key.startswith(MANIFEST)]
    complete = [manifest for manifest in found if all(version in latest for version in manifest.blocks.values())]
    if found and not complete:
        raise StateLost(f"{len(found)} manifests, none complete: its topic was cut or cleaned by hand")
    return max(complete, key=lambda manifest: manifest.offset, default=None)


async def read_latest(bootstrap: str, topic: str, partitions: Sequence[int]) -> dict[int, dict[str, bytes]]:
    """The last value of every key of some partitions of a compacted topic, read to their end."""
    latest: dict[int, dict[str, bytes]] = {partition: {} for partition in partitions}
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",  # what is deleted while it is read must not skip the rest
        fetch_max_wait_ms=20,
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    await consumer.start()
    try:
        tps = [TopicPartition(topic, partition) for partition in partitions]
        ends = await consumer.end_offsets(tps)
        consumer.assign(tps)
        await consumer.seek_to_beginning(*tps)
        left = {tp for tp in tps if await consumer.position(tp) < ends[tp]}
        while left:
            for tp, records in (await consumer.getmany(*left, timeout_ms=200)).items():
                for record in records:
                    _fold(latest[tp.partition], record.key.decode(), record.value)
            left = {tp for tp in left if await consumer.position(tp) < ends[tp]}
    finally:
        await consumer.stop()
    return latest


def _fold(latest: dict[str, bytes], key: str, value: bytes | None) -> None:
    if value is None:
        latest.pop(key, None)
    else:
        latest[key] = value
