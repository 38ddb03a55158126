"""What a checkpoint of a large state costs, and how long its restore from a real Kafka takes."""

import asyncio
import time
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer
from rich.console import Console
from rich.progress import track

from agents import topic_admin
from agents.checkpoints import MANIFEST, Manifest, choose, read_latest
from deploy.kafka.broker import KafkaBroker
from pipeline.replay import LogRecord
from pipeline.stage import Snapshot
from pipeline.watch import Watch
from pipeline.watchlist import Brand, Rules, WatchList
from schemas.brand_log import Bundle, Counts, Partial, Progress
from schemas.codec import encode
from schemas.topics import WATCH_STATE
from tests.bench.report import Measure

SERIES, MINUTES, ROUNDS = 10_000, 40, 5
START_MS = 1_700_000_000_000 // 3_600_000 * 3_600_000
SCORES, SCORE_BLOCKS = 1_000_000, 256
Scores = dict[str, tuple[float, float, int]]  # what an author's influence needs: two decayed sums and their time


def watched() -> Watch:
    """A watch stage with ``SERIES`` brands, all of which were named in each of the last minutes."""
    rng = Random(1)
    brands = tuple(Brand(id=f"brand-{number}", name="", aliases=()) for number in range(SERIES))
    watch, previous = Watch(0, WatchList(brands=brands, rules=Rules())), -1
    for number in range(MINUTES):
        minute = START_MS + number * 60_000
        told = tuple(Partial(brand=brand.id, minute=minute, counts=Counts(rng.randrange(1, 9), 1)) for brand in brands)
        progress = Progress(source=0, sources=1, offset=number, watermark=minute + 60_000)
        bundle = Bundle(bucket_ms=60_000, previous=previous, progress=progress, partials=told)
        watch.apply([LogRecord(number, minute + 60_000, b"", encode(bundle))])
        previous = number
    return watch


def scored() -> Snapshot:
    """A million scores in blocks: as large as the state of influence, without its stage."""
    rng, blocks = Random(2), dict[str, bytes]()
    for number in range(SCORE_BLOCKS):
        block = {
            f"{rng.getrandbits(64):016x}": (rng.random(), rng.random(), START_MS) for _ in range(SCORES // SCORE_BLOCKS)
        }
        blocks[f"scores-{number}"] = msgspec.msgpack.encode(block)
    return Snapshot(blocks, b"{}")


def pauses(watch: Watch) -> tuple[dict[str, bytes], bytes, float]:
    """A full checkpoint, and the longest time that one of its blocks holds the loop, s."""
    watch.mark_all_dirty()
    began = time.perf_counter()
    lazy, head = watch.snapshot()
    blocks, longest = {}, 0.0
    for name, block in lazy.items():
        blocks[name] = block
        longest, began = max(longest, time.perf_counter() - began), time.perf_counter()
    return blocks, head, longest


async def write(bootstrap: str, partition: int, blocks: Mapping[str, bytes], head: bytes) -> None:
    """Put a checkpoint on a state topic as a worker does."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, max_request_size=8 << 20) as producer:
        versions = {name: f"{name}/bench.1" for name in blocks}
        rows = [*((versions[name].encode(), block) for name, block in blocks.items())]
        rows.append((f"{MANIFEST}bench".encode(), msgspec.json.encode(Manifest(1, versions, head))))
        for key, value in rows:
            await producer.send_and_wait(WATCH_STATE.name, value, key, partition)


async def restored(bootstrap: str, partition: int, take: Callable[[Mapping[str, bytes], bytes], Any]) -> float:
    """Seconds from the assignment to the state: read, choose, decode."""
    began = time.perf_counter()
    latest = (await read_latest(bootstrap, WATCH_STATE.name, [partition]))[partition]
    manifest = choose(latest.values)
    if manifest is None:
        raise RuntimeError("the checkpoint is not on the topic")
    take({block: latest.values[version] for block, version in manifest.blocks.items()}, manifest.head)
    return time.perf_counter() - began


def decode(blocks: Mapping[str, bytes], _head: bytes) -> Scores:
    """The scores as a stage would hold them."""
    scores: Scores = {}
    for block in blocks.values():
        scores |= msgspec.msgpack.decode(block, type=Scores)
    return scores


def measures() -> list[Measure]:
    """Pauses of the loop, and restores."""
    watch, scores, console = watched(), scored(), Console(stderr=True)
    held, series, authors = list[float](), list[float](), list[float]()
    with KafkaBroker() as broker:
        bootstrap = broker.start()
        topic_admin.create([bootstrap], topic_admin.Counts(2, 2, 1))
        for _ in range(ROUNDS):
            blocks, head, longest = pauses(watch)
            held.append(longest * 1000)
        asyncio.run(write(bootstrap, 0, blocks, head))
        asyncio.run(write(bootstrap, 1, *scores))
        for _ in track(range(ROUNDS), "checkpoints", console=console):
            fresh = Watch(0, WatchList(brands=(), rules=Rules()))
            series.append(asyncio.run(restored(bootstrap, 0, fresh.restore)))
            authors.append(asyncio.run(restored(bootstrap, 1, decode)))
    return [
        Measure("checkpoint_longest_pause_of_10k_series_ms", "ms", held),
        Measure("restore_10k_series_s", "s", series),
        Measure("restore_1m_scores_s", "s", authors),
    ]
