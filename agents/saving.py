"""Writing a checkpoint: outputs acknowledged -> block versions -> manifest -> commit -> tombstones of the replaced."""

import asyncio
import time
import uuid
from collections.abc import Callable, Iterable, Mapping

import msgspec
from faust.types import TP

from agents import keeping
from agents.checkpoints import MANIFEST, Manifest
from agents.crash_points import Fault
from agents.metrics import Metrics
from agents.part import Part, Plan
from agents.pieces import cut
from pipeline.stage import Output


class Saver:
    """Checkpoints the partitions of one stage, one checkpoint of a partition at a time.

    ``owned`` says whether a part is still this worker's. One that is not stops where it stands: what it has written is
    consistent, and a manifest it wrote now might replace that of the part which followed it here. ``commit`` is for lag
    tools only. ``fault`` is told of every step passed, so that tests can crash there.
    """

    def __init__(
        self,
        plan: Plan,
        metrics: Metrics,
        owned: Callable[[Part], bool],
        commit: Callable[[TP, int], None],
        fault: Fault,
    ) -> None:
        self._plan, self._metrics, self._owned, self._commit, self._fault = plan, metrics, owned, commit, fault
        self._writer, self._serial = uuid.uuid4().hex[:8], 0

    async def save(self, part: Part) -> None:
        """Write one checkpoint. After an exception dirty marks are lost: only a restore is right then."""
        began = part.checkpointed = time.monotonic()
        async with part.still:  # no record is folded in from the flush to the last block
            part.flush(began)
            mark = self._plan.keep and self._plan.keep.due(part.kept, part.state.next, part.appended_at)
            if mark or (self._plan.rewrite_bytes is not None and part.grown > self._plan.rewrite_bytes):
                part.state.mark_all_dirty()
                part.grown = 0
            offset, (lazy, head) = part.state.next, part.state.snapshot()
            whole, paused = await _encoded(lazy, began)
        blocks = cut(whole, part.versions)
        self._serial += 1
        versions = part.versions | {block: f"{block}/{self._writer}.{self._serial}" for block in blocks}
        self._fault("outputs queued")
        await part.outbox.settle()  # 1. outputs up to offset are acknowledged
        self._fault("outputs acknowledged")
        await self._write(part, ((versions[block], value) for block, value in blocks.items()))  # 2. block versions
        self._fault("blocks acknowledged")
        if self._plan.keep and mark:  # a copy for `tocsin verify`
            await self._send(part, self._plan.keep.topic, keeping.rows(mark, self._writer, blocks, head))
            part.kept = mark
            self._fault("checkpoint kept")
        if not self._owned(part):
            return
        manifest = msgspec.json.encode(Manifest(offset, versions, head, part.kept))
        await self._write(part, [(f"{MANIFEST}{self._writer}", manifest)])  # 3. the checkpoint exists
        self._fault("manifest acknowledged")
        if not self._owned(part):
            return
        self._commit(TP(self._plan.topic, part.partition), offset)  # 4. commit
        replaced = [part.versions[block] for block in blocks if block in part.versions]
        part.versions, part.saved = versions, offset
        unneeded, part.garbage = replaced + part.garbage, []
        await self._write(part, ((key, None) for key in unneeded))  # 5. what nothing refers to any more
        self._fault("tombstones sent")
        self._metrics.checkpoint(self._plan.name, time.monotonic() - began, paused)

    async def _write(self, part: Part, rows: Iterable[tuple[str, bytes | None]]) -> None:
        rows = list(rows)
        part.grown += sum(len(value) for _, value in rows if value)
        await self._send(part, self._plan.state_topic, rows)

    async def _send(self, part: Part, topic: str, rows: Iterable[tuple[str, bytes | None]]) -> None:
        part.outbox.put(Output(topic, part.partition, key.encode(), value) for key, value in rows)
        await part.outbox.settle()


async def _encoded(blocks: Mapping[str, bytes], began: float) -> tuple[dict[str, bytes], float]:
    """The blocks, with a breath for the event loop after each; and the longest it was held since ``began``, s."""
    encoded, longest = {}, 0.0
    for name, value in blocks.items():
        encoded[name] = value
        longest = max(longest, time.monotonic() - began)
        await asyncio.sleep(0)
        began = time.monotonic()
    return encoded, longest
