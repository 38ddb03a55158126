"""Writing a checkpoint: outputs acknowledged -> block versions -> manifest -> commit -> tombstones of the replaced."""

import time
import uuid
from collections.abc import Callable, Mapping

import msgspec
from faust.types import TP

from agents.checkpoints import MANIFEST, Manifest
from agents.metrics import Metrics
from agents.part import Part, Plan
from pipeline.stage import Output

Fault = Callable[[str], None]


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
        part.flush(began)
        if self._plan.rewrite_bytes is not None and part.grown > self._plan.rewrite_bytes:
            part.state.mark_all_dirty()
            part.grown = 0
        blocks, head = part.state.snapshot()  # no await since flush()
        offset = part.state.next
        paused = time.monotonic() - began
        self._serial += 1
        versions = part.versions | {block: f"{block}/{self._writer}.{self._serial}" for block in blocks}
        self._fault("outputs queued")
        await part.outbox.settle()  # 1. outputs up to offset are acknowledged
        self._fault("outputs acknowledged")
        await self._write(part, {versions[block]: value for block, value in blocks.items()})  # 2. block versions
        self._fault("blocks acknowledged")
        if not self._owned(part):
            return
        manifest = msgspec.json.encode(Manifest(offset, versions, head))
        await self._write(part, {f"{MANIFEST}{self._writer}": manifest})  # 3. the checkpoint exists
        self._fault("manifest acknowledged")
        if not self._owned(part):
            return
        self._commit(TP(self._plan.topic, part.partition), offset)  # 4. commit
        replaced = {part.versions[block]: None for block in blocks if block in part.versions}
        part.versions, part.saved = versions, offset
        await self._write(part, replaced)  # 5. what nothing refers to any more
        self._fault("tombstones sent")
        self._metrics.checkpoint(self._plan.name, time.monotonic() - began, paused)

    async def _write(self, part: Part, rows: Mapping[str, bytes | None]) -> None:
        part.outbox.put(
            Output(self._plan.state_topic, part.partition, key.encode(), value) for key, value in rows.items()
        )
        part.grown += sum(len(value) for value in rows.values() if value)
        await part.outbox.settle()
