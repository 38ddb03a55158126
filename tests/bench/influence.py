"""How fast and how large influence is: both hops over bytes and over arrays, memory, growth, restore."""

import gc
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from random import Random

import numpy as np
import orjson
from rich.console import Console
from rich.progress import track

from pipeline.influence.endorse_stage import Endorse
from pipeline.influence.endorsing import Endorser, Interactions
from pipeline.influence.influence_stage import Influence
from pipeline.influence.scoring import Endorsements, Scoreboard
from pipeline.replay import LogRecord
from schemas.codec import encode
from schemas.topics import ENDORSEMENTS
from tests.bench.report import Measure
from tests.bench.spine import cpu
from tests.social_noise import interaction

ROUNDS, FEW, MANY = 5, 10_000, 1_000_000
EVENTS, BATCH = 200_000, 1_000
START_S = 1_700_000_000
PAIRS = 1 << 21


def columns(accounts: int, count: int, seed: int) -> Interactions:
    """Interactions among so many accounts, uneven as reposts are, a fifth of a second apart."""
    rng = np.random.default_rng(seed)
    target = (accounts * rng.random(count) ** 3).astype(np.uint64)
    return Interactions(
        rng.integers(0, accounts, count, np.uint64), target,
        (START_S + np.arange(count) // 5).astype(np.uint32), np.ones(count, np.float32),
        np.zeros(count, bool), np.zeros(count, np.uint32),
    )  # fmt: skip


def everybody(accounts: int) -> Interactions:
    """Each account endorses and is endorsed once."""
    each = np.arange(accounts, dtype=np.uint64)
    return Interactions(
        each, (each + 1) % accounts, np.full(accounts, START_S - 1, np.uint32), np.ones(accounts, np.float32),
        np.zeros(accounts, bool), np.zeros(accounts, np.uint32),
    )  # fmt: skip


def fold(endorser: Endorser, board: Scoreboard, given: Interactions) -> None:
    """Both hops over arrays, in batches as a stage gets them."""
    for start in range(0, len(given.actor), BATCH):
        part = Interactions(*(column[start : start + BATCH] for column in given))
        worth = endorser.weigh(part)
        kept = worth.weight > 0
        board.add(Endorsements(
            part.actor[kept], part.target[kept], part.at[kept], np.zeros(int(kept.sum()), np.uint16),
            worth.gap[kept], worth.weight[kept], worth.trust[kept], np.zeros(int(kept.sum()), np.uint8),
        ))  # fmt: skip


def filled(accounts: int) -> tuple[Endorser, Scoreboard]:
    """State with so many accounts."""
    endorser, board = Endorser(pairs=PAIRS), Scoreboard()
    fold(endorser, board, everybody(accounts))
    return endorser, board


def records(accounts: int) -> list[LogRecord]:
    """An interactions log among so many accounts."""
    rng = Random(1)
    keys = [f"{number:016x}{number:016x}" for number in range(accounts)]
    return [
        LogRecord(number, START_S * 1000 + number * 200, b"k", encode(interaction(
            str(number), rng.choice(keys), keys[int(len(keys) * rng.random() ** 3)], START_S * 1000 + number * 200,
        )))
        for number in range(EVENTS)
    ]  # fmt: skip


def through_stages(log: list[LogRecord], accounts: int) -> Callable[[], object]:
    """Both stages from the bytes of interactions to the bytes of scores, with so many accounts known before."""
    endorse, influence = Endorse(0, 1), Influence(0)
    endorse._endorser, influence._board = filled(accounts)

    def run() -> None:
        influence._applied, offset = {}, 0  # the log is read again
        for start in range(0, len(log), BATCH):
            outputs = [*endorse.apply(log[start : start + BATCH]), *endorse.flush()]
            blocks = [one for one in outputs if one.topic == ENDORSEMENTS.name]
            influence.apply([LogRecord(offset + at, 0, one.key, one.value) for at, one in enumerate(blocks)])
            offset += len(blocks)

    return run


def restored(endorser: Endorser, board: Scoreboard) -> float:
    """Seconds until both hops have their state back from the blocks of a checkpoint."""
    endorser.mark_all_dirty()
    board.authors.dirty[:] = 1
    blocks = {name: encode_one() for name, encode_one in (endorser.snapshot() | board.snapshot()).items()}
    began = time.perf_counter()
    Endorser(pairs=PAIRS).restore(blocks, int(endorser.actors.count[0]))
    Scoreboard().restore(blocks, int(board.authors.count[0]))
    return time.perf_counter() - began


def grown() -> float:
    """Bytes that a fresh process grows by for each of a million accounts, with index, pairs and room to grow."""
    fold(*filled(FEW), columns(FEW, FEW, 1))  # it has compiled now
    gc.collect()
    before = _resident()
    state = filled(MANY)
    size = (_resident() - before) / MANY
    del state
    return size


def _resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123  # a file of the kernel
        return int(file.read().split()[1]) * resource.getpagesize()


def against(own: list[float], base: list[float]) -> list[float]:
    """Ratios of rounds that were measured by turns."""
    return [more / less for more, less in zip(own, base, strict=True)]


def measures() -> list[Measure]:
    """Every figure in CPU seconds of one core, except the restore."""
    few, many = columns(FEW, EVENTS, 1), columns(MANY, EVENTS, 2)
    fold(*filled(FEW), few)  # it has compiled now
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:  # this one may have room to reuse
        sizes = [fresh.submit(grown).result()]
    spent: dict[str, list[float]] = {"few": [], "many": [], "restore": [], "loads": [], "stages few": [], "stages": []}
    small, large = filled(FEW), filled(MANY)
    log, short = records(MANY), records(FEW)
    works = {"stages": through_stages(log, MANY), "stages few": through_stages(short, FEW)}
    works["loads"] = lambda: [orjson.loads(record.value) for record in log]
    gc.collect()
    gc.freeze()  # as a worker does
    for work in works.values():
        work()
    for _ in track(range(ROUNDS), "influence", console=Console(stderr=True)):
        for name, work in works.items():
            spent[name].append(cpu(work))
        spent["few"].append(cpu(lambda: fold(*small, few)))
        spent["many"].append(cpu(lambda: fold(*large, many)))
        spent["restore"].append(restored(*large))
    allocated = sum(one.nbytes for one in large) / MANY
    gc.unfreeze()
    return [
        Measure("influence_interactions_per_second", "1/s", [EVENTS / one for one in spent["stages"]]),
        Measure("influence_interactions_per_second_arrays", "1/s", [EVENTS / one for one in spent["many"]]),
        Measure("influence_cpu_against_orjson_loads", "x", against(spent["stages"], spent["loads"])),
        Measure("influence_bytes_per_author", "B", sizes),
        Measure("influence_bytes_per_author_allocated", "B", [allocated]),
        Measure("influence_cost_1m_against_10k", "x", against(spent["stages"], spent["stages few"])),
        Measure("influence_cost_1m_against_10k_arrays", "x", against(spent["many"], spent["few"])),
        Measure("restore_1m_authors_s", "s", spent["restore"]),
    ]
