"""How a stage is run, and one partition of it that this worker owns."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from agents.checkpoints import Mark
from agents.keeping import Keep
from agents.outbox import Outbox
from pipeline.stage import Stage

Idle = Callable[[int, Stage], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How one stage is run. Times in seconds."""

    name: str
    topic: str
    state_topic: str
    new: Callable[[int], Stage]  # partition -> fresh state
    checkpoint_s: float = 10.0
    flush_s: float = 0.25
    idle_s: float = 5.0
    on_idle: Idle | None = None
    partitions: Mapping[str, int] = field(default_factory=dict)  # what topics must have, checked after an assignment
    rewrite_bytes: int | None = None  # rewrite all blocks after so many bytes, for a broker that evicts old ones
    keep: Keep | None = None  # where a full checkpoint of each day stays for `tocsin verify`


@dataclass(slots=True)
class Part:
    """One owned partition: the stage's state and what is in flight for it."""

    partition: int
    state: Stage
    generation: int
    versions: dict[str, str]
    outbox: Outbox
    seen: float  # monotonic time of the last batch, flush, checkpoint
    flushed: float
    checkpointed: float
    saved: int = 0
    appended_at: int = 0  # highest append time folded in since the restore, ms
    kept: Mark | None = None  # the full checkpoint that was kept last
    garbage: list[str] = field(default_factory=list)  # keys to remove once a checkpoint is complete
    grown: int = 0  # bytes written to the state topic since all blocks were written
    saving: asyncio.Task[None] | None = field(default=None)
    still: asyncio.Lock = field(default_factory=asyncio.Lock)  # held by whoever needs that the state does not change

    def flush(self, now: float) -> None:
        """Queue what nobody has been told yet; no await between a change of state and its outputs."""
        self.flushed = now
        self.outbox.put(self.state.flush())
