"""The process of a collector: reads cursors, collects until SIGTERM, drains, and ends with 0; in doubt with 70."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import structlog
from aiohttp import web
from aiokafka import AIOKafkaProducer

from agents import health, logs
from agents.brokers import connection
from agents.collecting.cursors import Cursors
from agents.collecting.delivery import Acknowledgement, Delivery
from agents.collecting.progress import Progress
from agents.collecting.streams import keep_collecting
from agents.collectors._base import Stream
from agents.giving_up import give_up
from agents.metrics import Metrics
from agents.paging import RetryPolicy
from agents.partition_counts import PartitionsChanged, check
from agents.settings import Settings
from pipeline.adapting import LONGEST
from pipeline.feed import partition_of
from pipeline.rate_limit import RateLimit
from schemas.topics import COLLECT_STATE, raw

SAVE_S = 1.0  # between two looks whether cursors moved: so much is collected again after a crash
DRAIN_S = 15.0  # for acknowledgements after SIGTERM; supervisors wait 30 s
CLOSE_S = 5.0
PATIENCE_MS = 120_000  # for an acknowledgement, before the process ends and begins at the cursor again
GIVES_UP = "collector_gives_up"

_log = structlog.get_logger(__name__)


class Running(NamedTuple):
    """How a collector runs, whatever it collects."""

    start: str | None = None  # a cursor that counts instead of the kept ones
    rate: float = 0.0  # payloads a second, 0: any
    http: str = ""  # host:port of /healthz, /readyz and /metrics, empty: nowhere
    waits: RetryPolicy = RetryPolicy()


class Collecting:
    """Some streams of one source in one process."""

    def __init__(self, settings: Settings, source: str, streams: Sequence[Stream], running: Running) -> None:
        self._settings, self._source, self._streams, self._running = settings, source, streams, running
        self._topic, self._metrics = raw(source).name, Metrics()
        self._cursors = Cursors(source, settings.posts_partitions)
        self._deliveries: dict[str, Delivery] = {}
        self._ready = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Collect until ``stop`` is set.

        Raises:
            PartitionsChanged: topics are missing, or not as the settings say.
            aiokafka.errors.KafkaError: the broker is not there, or does not take what was collected.
            OSError: the address of the metrics is taken.
        """
        settings = self._settings
        wanted = dict.fromkeys((self._topic, COLLECT_STATE.name), settings.posts_partitions)
        await check(settings.brokers, wanted)
        kept = await self._cursors.read(settings.brokers, [stream.name for stream in self._streams])
        producer = AIOKafkaProducer(
            **connection(settings.brokers), acks="all", enable_idempotence=True, linger_ms=20,
            max_batch_size=1 << 17, max_request_size=LONGEST + (1 << 20), request_timeout_ms=PATIENCE_MS,
        )  # fmt: skip
        server = await self._serve()
        await producer.start()
        try:
            await self._collect(producer, kept, stop)
        finally:
            with contextlib.suppress(TimeoutError):  # what it still holds is not in a cursor, and collected again
                async with asyncio.timeout(CLOSE_S):
                    await producer.stop()
            if server:
                await server.cleanup()

    async def _collect(self, producer: AIOKafkaProducer, kept: dict[str, str], stop: asyncio.Event) -> None:
        async def append(key: bytes, value: bytes) -> Acknowledgement:
            place = partition_of(key, self._settings.posts_partitions)
            acknowledged: Acknowledgement = await producer.send(self._topic, value, key=key, partition=place)
            return acknowledged

        limit = RateLimit(self._running.rate)
        for stream in self._streams:
            cursor = self._running.start or kept.get(stream.name)
            self._deliveries[stream.name] = Delivery(self._source, cursor, append, limit, self._metrics)
            _log.info("collect_started", source=self._source, stream=stream.name, cursor=cursor)
        collecting = [
            asyncio.create_task(keep_collecting(
                self._source, stream, self._deliveries[stream.name], self._metrics, self._running.waits
            ))
            for stream in self._streams
        ]  # fmt: skip
        tending = asyncio.create_task(self._tend(producer))
        stopping = asyncio.create_task(stop.wait())
        self._ready.set()
        failed = [delivery.failed for delivery in self._deliveries.values()]
        ends: list[asyncio.Future[Any]] = [*collecting, tending, stopping, *failed]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        self._ready.clear()
        for task in (*collecting, tending, stopping):
            task.cancel()
        ended = await asyncio.gather(*collecting, tending, return_exceptions=True)
        errors = [future.result() for future in failed if future.done()]
        for error in [*errors, *(one for one in ended if isinstance(one, Exception))]:
            raise error
        await self._drain(producer)

    async def _drain(self, producer: AIOKafkaProducer) -> None:
        try:
            async with asyncio.timeout(DRAIN_S):
                await asyncio.gather(*(delivery.settled() for delivery in self._deliveries.values()))
                await self._save(producer)
        except TimeoutError:
            raise TimeoutError(f"Kafka acknowledged nothing for {DRAIN_S:.0f} s; it is collected again") from None

    async def _tend(self, producer: AIOKafkaProducer) -> None:
        progress = Progress(self._source)
        while True:
            await asyncio.sleep(SAVE_S)
            await self._save(producer)
            progress.tell(time.monotonic(), list(self._deliveries.values()))

    async def _save(self, producer: AIOKafkaProducer) -> None:
        async def send(topic: str, partition: int, key: bytes, value: bytes) -> None:
            await producer.send_and_wait(topic, value, key=key, partition=partition)

        for stream, delivery in self._deliveries.items():
            await self._cursors.save(stream, delivery.safe, send)

    async def _serve(self) -> web.AppRunner | None:
        if not self._running.http:
            return None
        try:
            return await health.serve(health.of_collector(self._metrics, self._ready), self._running.http)
        except OSError as error:
            raise OSError(f"--http {self._running.http}: {error}; choose another port") from error


async def _until_told(settings: Settings, source: str, streams: Sequence[Stream], running: Running) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await Collecting(settings, source, streams, running).run(stop)


def main(settings: Settings, source: str, streams: Sequence[Stream], running: Running) -> None:
    """Collect until SIGTERM or SIGINT; exit status 70 where a restart may help."""
    logs.configure(settings.log_level)
    try:
        asyncio.run(_until_told(settings, source, streams, running))
    except PartitionsChanged as error:
        give_up(
            f"{error}; `tocsin topics create` needs TOCSIN_SOURCES={source} for the topics of this source", GIVES_UP
        )
    except Exception as error:  # noqa: BLE001  # whatever is in doubt: all before the cursor is safe
        give_up(f"{type(error).__name__}: {error}", GIVES_UP)
    _log.info("collect_stopped", source=source)
