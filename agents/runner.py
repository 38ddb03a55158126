"""The stage runner: a pure stage per owned partition, checkpointed so that outputs are exact after any crash.

A checkpoint (``agents.saving``) comes after the outputs it speaks of. Restore takes the complete manifest with the
highest offset, and input is read from that offset on. Any doubt (a failed send, a failed checkpoint, a stage that
raises) ends the process: a restart reads from the last manifest.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, NoReturn

from faust.types import TP

from agents import partition_counts
from agents.checkpoints import Latest, choose, read_latest, unreferenced
from agents.crash_points import Fault
from agents.lane import Batch, LaneApp
from agents.metrics import Metrics
from agents.outbox import Outbox
from agents.part import Part, Plan
from agents.pieces import joined
from agents.saving import Saver
from pipeline.stage import Input, Output, Poisoned

TEND_S = 0.02


class Runner:
    """Runs one stage on the partitions this worker owns."""

    def __init__(
        self,
        app: LaneApp,
        bootstrap: str,
        plan: Plan,
        metrics: Metrics,
        give_up: Callable[[str], NoReturn],
        fault: Fault,
    ) -> None:
        self.app, self.plan, self.parts = app, plan, dict[int, Part]()
        self.settled = 0.0  # monotonic time of the last completed assignment; 0 while there is none
        self.stopping = False
        self._bootstrap, self._metrics, self._give_up, self._ownership = bootstrap, metrics, give_up, 0
        self._fault, self._saver = fault, Saver(plan, metrics, self._owns, app.done, fault)
        app.position = self.position
        app.on_partitions_revoked.connect(self.drop)  # type: ignore[arg-type]  # Faust types the receiver wider
        app.on_rebalance_complete.connect(self.restore)  # type: ignore[arg-type]  # awaited before Faust seeks

    async def drop(self, _app: LaneApp, _revoked: Any, **_: Any) -> None:  # noqa: ANN401  # a Faust signal's arguments
        """Forget all parts: a new assignment follows."""
        self._ownership += 1
        self.settled = 0.0
        self.parts = {}

    async def restore(self, app: LaneApp, **_: Any) -> None:  # noqa: ANN401  # a Faust signal's arguments
        """Become the owner of what was assigned: read its checkpoints. Installed only if the assignment still holds."""
        ownership, generation, began = self._ownership, app.consumer_generation_id, time.monotonic()
        owned = sorted(tp.partition for tp in app.consumer.assignment() if tp.topic == self.plan.topic)
        self._fault("restoring")
        try:
            await partition_counts.check(self._bootstrap, self.plan.partitions)
            latest = await read_latest(self._bootstrap, self.plan.state_topic, owned) if owned else {}
            parts = {}
            for partition in owned:
                parts[partition] = self._part(partition, latest[partition], generation, began)
                await asyncio.sleep(0)
        except partition_counts.PartitionsChanged as changed:
            self._give_up(f"{self.plan.name}: {changed}")
        except Exception as error:  # noqa: BLE001  # without its state a stage must not read on
            self._give_up(f"{self.plan.name}: cannot restore {owned}: {error!r}")
        self._fault("restored")
        if ownership == self._ownership and generation == app.consumer_generation_id:
            self.parts, self.settled = parts, time.monotonic()
            self._metrics.restored(self.plan.name, len(owned), time.monotonic() - began)

    def _part(self, partition: int, latest: Latest, generation: int, began: float) -> Part:
        state, manifest = self.plan.new(partition), choose(latest.values)
        if manifest is not None:
            pieces = {piece: latest.values[version] for piece, version in manifest.blocks.items()}
            state.restore(joined(pieces), manifest.head)
        grown = sum(map(len, latest.values.values())) * 2  # unknown garbage lies between the live versions
        return Part(
            partition, state, generation, dict(manifest.blocks) if manifest else {}, Outbox(self._send, self._give_up),
            seen=began, flushed=began, checkpointed=began, saved=state.next, grown=grown,
            kept=manifest.kept if manifest else None, garbage=unreferenced(latest, manifest),
        )  # fmt: skip

    def position(self, tp: TP, _committed: int | None) -> int | None:
        """Where the lane resumes: the offset of the state, not Kafka's commit; without state the log's beginning."""
        part = self.parts.get(tp.partition)
        return part.state.next or None if part else None

    def reached(self) -> int:
        """Sum of the offsets reached; it grows while the stage makes progress."""
        return sum(part.state.next for part in self.parts.values())

    def lag(self) -> int:
        """Records in the log that are not folded in yet."""
        return sum(max(0, (self.end(part.partition) or 0) - part.state.next) for part in self.parts.values())

    def end(self, partition: int) -> int | None:
        """The offset after the last record of a partition; None before it was first read."""
        highwater: int | None = self.app.consumer.highwater(TP(self.plan.topic, partition))
        return highwater

    async def run(self, stream: Any) -> AsyncIterator[None]:  # noqa: ANN401  # a Faust stream
        """The Faust agent: fold batches into the state of their partition."""
        async for event in stream.noack().events():
            await self._take(event.value)
            yield

    async def _take(self, batch: Batch) -> None:
        part = self.parts.get(batch.tp.partition)
        if part is None or part.generation != batch.generation or self.stopping:
            return  # not ours any more: the owner reads it
        async with part.still:  # a checkpoint may be reading the state
            if self.stopping or not self._owns(part):
                return
            self._fold(part, batch)
        await part.outbox.send()
        await part.outbox.make_room()

    def _fold(self, part: Part, batch: Batch) -> None:
        records = [record for record in batch.records if record.offset >= part.state.next]
        if not records:
            return
        began = part.seen = time.monotonic()
        self._fault("batch fetched")
        try:
            part.outbox.put(part.state.apply(records))  # no await between a change of state and its outputs
        except Poisoned as poisoned:
            self._give_up(f"{self.plan.name}: the brake is on: {poisoned}")
        except Exception as error:  # noqa: BLE001  # half a batch is folded in, and its outputs are gone
            self._give_up(f"{self.plan.name}: cannot fold {_address(batch.tp, records)}: {error!r}")
        part.appended_at = max(part.appended_at, records[-1].timestamp)
        self._fault("batch folded")
        self._metrics.batch(self.plan.name, len(records), time.monotonic() - began)
        self._metrics.delayed(self.plan.name, time.time() - records[0].timestamp / 1000)

    async def _send(self, output: Output) -> Awaitable[Any]:
        self._metrics.output(output.topic)
        headers = list(output.headers) or None
        return await self.app.producer.send(output.topic, output.key, output.value, output.partition, None, headers)

    async def tend(self) -> None:
        """Flush, checkpoint and notice idleness, until the app or this stage stops."""
        while not (self.app.should_stop or self.stopping):
            now = time.monotonic()
            for number, part in enumerate(list(self.parts.values())):
                await self._tend(part, number, now)
            await asyncio.sleep(TEND_S)

    async def _tend(self, part: Part, number: int, now: float) -> None:
        due = self.plan.checkpoint_s * (1 + number / 20)  # partitions take turns
        if part.saving is None and part.state.next != part.saved and now - part.checkpointed >= due:
            part.saving = asyncio.create_task(self._checkpoint(part))
        elif now - part.flushed >= self.plan.flush_s and part.outbox.idle and not part.still.locked():  # coalesce
            part.flush(now)
            await part.outbox.send()
        if self.plan.on_idle and now - part.seen >= self.plan.idle_s:
            part.seen = now
            await self.plan.on_idle(part.partition, part.state)

    async def drain(self) -> None:
        """Take nothing more and checkpoint everything owned, before a clean stop."""
        self.stopping = True
        self._fault("draining")
        for part in list(self.parts.values()):
            while part.saving or (self._owns(part) and part.state.next != part.saved):
                part.saving = part.saving or asyncio.create_task(self._checkpoint(part))
                await part.saving

    def _owns(self, part: Part) -> bool:
        return self.parts.get(part.partition) is part

    async def _checkpoint(self, part: Part) -> None:
        try:
            await self._saver.save(part)
        except Exception as error:  # noqa: BLE001  # dirty marks are gone: only a restore is right now
            self._give_up(f"{self.plan.name}/{part.partition}: checkpoint failed: {error!r}")
        finally:
            part.saving = None


def _address(tp: TP, records: Sequence[Input]) -> str:
    return f"{tp.topic}/{tp.partition}@{records[0].offset}-{records[-1].offset}"
