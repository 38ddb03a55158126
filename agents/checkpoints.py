"""Checkpoints on a compacted topic: immutable block versions under a manifest, and how the latest one is found.

Keys: ``<block>/<writer>.<n>`` is one version of a block, written once; ``manifest/<writer>`` is written after all the
versions it names are acknowledged. So a crash at any point, or a writer that lost its partition and does not know it
yet, leaves a consistent state: every complete manifest is a fold of the same log.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
from aiokafka import TopicPartition

from agents.log_reader import extents, log_reader, read
from schemas.topics import DAY_MS

MANIFEST = "manifest/"


class StateLost(Exception):  # noqa: N818  # named as what it is
    """A manifest exists but none is complete."""


class Mark(msgspec.Struct, frozen=True):
    """Which full checkpoint was kept last: its offset, the log's append time there (ms), the detectors that made it."""

    offset: int
    appended_at: int
    detectors: str = msgspec.field(name="rules")  # their digest; the rules are in the log


class Manifest(msgspec.Struct):
    """One checkpoint: the offset its state has reached, and the version of every block."""

    offset: int
    blocks: dict[str, str]
    head: bytes
    kept: Mark | None = None


class Latest(NamedTuple):
    """The last value of every key of one partition, and when it was written, ms since 1970."""

    values: dict[str, bytes]
    written: dict[str, int]


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


def unreferenced(latest: Latest, chosen: Manifest | None) -> list[str]:
    """Keys that no restore will need again: what crashed checkpoints and dead writers left behind.

    Only what is a day older than the newest record: a younger writer may have been replaced without knowing it yet, so
    its manifest and what that names are left alone.
    """
    floor = max(latest.written.values(), default=0) - DAY_MS
    manifests = {
        key: msgspec.json.decode(value, type=Manifest)
        for key, value in latest.values.items()
        if key.startswith(MANIFEST)
    }
    spared = {key for key, manifest in manifests.items() if manifest == chosen or latest.written[key] >= floor}
    spared |= {version for key in spared for version in manifests[key].blocks.values()}
    return [key for key, written in latest.written.items() if written < floor and key not in spared]


async def read_latest(bootstrap: str, topic: str, partitions: Sequence[int]) -> dict[int, Latest]:
    """Some partitions of a compacted topic, read to their end."""
    latest = {partition: Latest({}, {}) for partition in partitions}
    async with log_reader(bootstrap) as consumer:
        ranges = await extents(consumer, [TopicPartition(topic, partition) for partition in partitions])
        async for partition, records in read(consumer, ranges):
            for record in records:
                _fold(latest[partition], record.key.decode(), record.value, record.timestamp)
    return latest


def _fold(latest: Latest, key: str, value: bytes | None, written: int) -> None:
    if value is None:
        latest.values.pop(key, None)
        latest.written.pop(key, None)
    else:
        latest.values[key], latest.written[key] = value, written
