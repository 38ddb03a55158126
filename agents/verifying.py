"""Verifying: the brand log is read again through the pure watch stage, and must decide every record that stands."""

from collections.abc import AsyncIterator, Callable, Sequence

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

from agents.checkpoints import Latest, Manifest, choose, read_latest
from agents.keeping import Shelf, Start, choose_start, read_kept, read_shelf
from agents.log_reader import extents, log_reader, read
from agents.partition_counts import counted
from agents.verify_report import Difference, PartitionResult
from pipeline.configuration import TOLD_DIGEST
from pipeline.field_differences import explain
from pipeline.ruling import Ruling
from pipeline.shadow import HEAD, Shadowed
from pipeline.verification import Clash, Since, Transcript, Verification
from pipeline.watch_records import TOPIC_OF
from pipeline.watchlist import WatchList
from schemas.topics import BRAND_LOG, SHADOW_ALERTS, WATCH_KEPT, WATCH_STATE

VERIFIED = (*(topic.name for topic in TOPIC_OF.values()), SHADOW_ALERTS.name)
READ = (*VERIFIED, BRAND_LOG.name, WATCH_STATE.name, WATCH_KEPT.name)

OnRead = Callable[[int, int, int], None]  # partition, records read so far, records to read


class LogChanged(Exception):  # noqa: N818  # named as what it is
    """The log was cut or made anew under the reader; the text says what to do."""


async def verify(
    bootstrap: str,
    watchlist: WatchList,
    partitions: Sequence[int] = (),
    on_read: OnRead = lambda _partition, _read, _total: None,
) -> list[PartitionResult]:
    """Verify some partitions of the brand log, or all. Reads only, and may run beside workers.

    Rules are in the log; ``watchlist`` is that of a log before which no worker has noted what it began with.

    Raises:
        LogChanged: a topic is missing, was cut meanwhile or made anew, or has no such partition.
        aiokafka.errors.KafkaError: the broker is not there.
        agents.checkpoints.StateLost: watch has no complete checkpoint.
    """
    there = await counted(bootstrap, READ)
    if missing := sorted(set(READ) - there.keys()):
        raise LogChanged(f"missing: {', '.join(missing)}; run `tocsin topics create`")
    if max(partitions, default=0) >= there[BRAND_LOG.name]:
        raise LogChanged(f"{BRAND_LOG.name} has {there[BRAND_LOG.name]} partitions, from 0 on")
    async with log_reader(bootstrap) as consumer:
        chosen = sorted(partitions) or range(there[BRAND_LOG.name])
        return [await _Verifier(bootstrap, consumer, watchlist, number, on_read).run() for number in chosen]


class _Verifier:
    """One partition."""

    def __init__(
        self, bootstrap: str, consumer: AIOKafkaConsumer, watchlist: WatchList, partition: int, on_read: OnRead
    ) -> None:
        self._bootstrap, self._consumer, self._partition = bootstrap, consumer, partition
        self._watchlist, self._stage = watchlist, Shadowed(partition, watchlist)
        self._read, self._total, self._on_read = 0, 0, on_read

    def _tp(self, topic: str) -> TopicPartition:
        return TopicPartition(topic, self._partition)

    async def run(self) -> PartitionResult:
        """Everything before the last checkpoint must stand; what comes after it may.

        Asked in this order, so that what a worker adds meanwhile lacks nothing and is explained by the log.
        """
        latest = await read_latest(self._bootstrap, WATCH_STATE.name, [self._partition])
        saved = choose(latest[self._partition].values)
        outputs = await extents(self._consumer, [self._tp(topic) for topic in VERIFIED])
        shelf = await read_shelf(self._consumer, self._tp(WATCH_KEPT.name))
        (log,) = (await extents(self._consumer, [self._tp(BRAND_LOG.name)])).values()
        required = saved.offset if saved else 0
        if required > log[1]:
            raise LogChanged(f"{self._address(required)} is beyond the log's end {log[1]}: was the topic made anew?")
        start = choose_start(shelf.complete(), log[0], TOLD_DIGEST)
        if start is None:
            return PartitionResult(self._partition, (log[1], log[1]), log, log[1], {}, {}, None)
        self._stage = Shadowed(self._partition, _began(latest[self._partition], saved) or self._watchlist)
        since = await self._restore(shelf, start)
        self._total = sum(end - begin for begin, end in [*outputs.values(), (start.offset, log[1])])
        transcripts = {}
        for tp, extent in outputs.items():
            transcript = transcripts[tp.topic] = Transcript(tp.topic, since[tp.topic], begins_late=extent[0] > 0)
            async for record in self._records(tp, extent):
                transcript.read(record)
        verification = Verification(self._stage, required, transcripts)
        difference = await self._compare(verification, (start.offset, log[1]))
        same = {topic: one.same for topic, one in transcripts.items()}
        gone = {topic: one.gone for topic, one in transcripts.items()}
        verified, uncovered = (start.offset, max(start.offset, required)), (log[0], start.offset)
        return PartitionResult(self._partition, verified, uncovered, log[1], same, gone, difference)

    async def _restore(self, shelf: Shelf, start: Start) -> dict[str, Since]:
        if not start.key:
            return dict.fromkeys(VERIFIED, Since())
        blocks, head = await read_kept(self._consumer, self._tp(WATCH_KEPT.name), shelf, start.key)
        self._stage.restore(blocks, head)
        since = dict.fromkeys(VERIFIED, Since.of(head))
        return since | {SHADOW_ALERTS.name: Since.of(blocks.get(HEAD) or head)}

    async def _records(self, tp: TopicPartition, extent: tuple[int, int]) -> AsyncIterator[ConsumerRecord]:
        async for _, records in read(self._consumer, {tp: extent}):
            for record in records:
                yield record
            self._read += len(records)
            self._on_read(self._partition, self._read, self._total)

    async def _compare(self, verification: Verification, extent: tuple[int, int]) -> Difference | None:
        async for record in self._records(self._tp(BRAND_LOG.name), extent):
            if record.offset != self._stage.next:
                raise LogChanged(f"{self._address(self._stage.next)} was deleted while it was read: run it again")
            if clash := verification.follow(record):
                return await self._difference(clash, self._address(record.offset))
        clash = verification.finish()
        return await self._difference(clash, "") if clash else None

    async def _difference(self, clash: Clash, decided_by: str) -> Difference:
        should, does = clash.expected and clash.expected.value, None
        if clash.found is not None:
            async for record in self._records(self._tp(clash.topic), (clash.found, clash.found + 1)):
                does = record.value
        found_at = "" if clash.found is None else f"{clash.topic}/{self._partition}/{clash.found}"
        return Difference(clash.topic, decided_by if should else "", found_at, explain(should, does))

    def _address(self, offset: int) -> str:
        return f"{BRAND_LOG.name}/{self._partition}/{offset}"


def _began(latest: Latest, saved: Manifest | None) -> WatchList | None:
    """The watch list before the log's first word about rules, as the workers had it."""
    block = saved and latest.values.get(saved.blocks.get("rules", ""))
    return msgspec.json.decode(block, type=Ruling).began if block else None
