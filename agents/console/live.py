"""The incidents that are open, kept current while somebody looks, and told to browsers as server-sent events."""

import asyncio
import contextlib
import time
from typing import NamedTuple

import msgspec
import orjson
import structlog
from aiohttp import web

from agents.console import questions
from agents.console.reader import Reader, Unavailable, readable
from pipeline.console.answers import Answer, answered
from pipeline.console.standing import ranked
from schemas.alert import Alert

POLL_S = 0.4
BEAT_S = 15.0  # a comment for proxies, which close what is silent
LONGEST_S = 3_600.0  # then the browser connects anew, and is asked who it is
MOST_STREAMS = 200
MOST_WAITING = 100  # events for one browser
RETRY_MS = 1_000

_log = structlog.get_logger(__name__)


class Open(NamedTuple):
    """What is open: last alerts and whether they paged, the most urgent first; how many there are in all."""

    incidents: tuple[tuple[Alert, bool], ...] = ()
    number: int = 0
    answers: tuple[Answer, ...] = ()
    fresh: bool = False  # ClickHouse answered the last time


class Live:
    """One per console. ``run`` looks as long as there are streams; ``look`` is for pages in between."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self._lock = reader, asyncio.Lock()
        self._pulse: object = None
        self._looked = 0.0
        self._streams: set[asyncio.Queue[bytes]] = set()
        self._somebody = asyncio.Event()
        self.open = Open()

    async def look(self) -> Open:
        """What is open now, at most ``POLL_S`` old."""
        async with self._lock:
            if time.monotonic() - self._looked >= POLL_S:
                await self._refresh()
                self._looked = time.monotonic()
        return self.open

    async def run(self) -> None:
        """Look again and again, tell the streams what changed; until cancelled."""
        while True:
            await self._somebody.wait()
            await self.look()
            await asyncio.sleep(POLL_S)

    async def _refresh(self) -> None:
        before = self.open
        try:
            pulse = await self._reader.rows(questions.PULSE)
            if pulse != self._pulse or not before.fresh:
                self.open = await self._load()
                self._pulse = pulse
        except Unavailable:
            self.open = before._replace(fresh=False)
        old, new = ({item[0].incident_id: item for item in one.incidents} for one in (before, self.open))
        changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
        if changed or before.fresh != self.open.fresh:
            self._tell(sorted(changed))

    async def _load(self) -> Open:
        rows, said = await asyncio.gather(self._reader.rows(questions.OPEN), self._reader.rows(questions.ANSWERS))
        now = int(time.time() * 1000)
        answers = tuple(readable(said, lambda row: msgspec.convert(row, Answer, strict=False)))
        alerts = readable(rows, lambda row: (msgspec.json.decode(row["document"], type=Alert), bool(row["woke"])))
        current = ((answered(alert, answers, now), woke) for alert, woke in alerts)
        number = int(rows[0]["all_open"]) if rows else 0
        return Open(tuple(ranked(current, now)), number, answers, fresh=True)

    def _tell(self, changed: list[str]) -> None:
        told = {"ids": changed, "open": self.open.number, "fresh": self.open.fresh}
        event = b"event: changed\ndata: " + orjson.dumps(told) + b"\n\n"
        for queue in self._streams:
            with contextlib.suppress(asyncio.QueueFull):  # who reads so slowly looks at everything when it is back
                queue.put_nowait(event)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events ``changed``: ids, how many are open, whether ClickHouse answers."""
        if len(self._streams) >= MOST_STREAMS:
            return web.Response(status=503, text="too many streams", headers={"Retry-After": "10"})
        response = web.StreamResponse(headers={
            "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
        })  # fmt: skip
        queue: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        self._streams.add(queue)
        self._somebody.set()
        try:
            await response.prepare(request)
            await response.write(f"retry: {RETRY_MS}\n\n".encode())
            with contextlib.suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(LONGEST_S):
                    await _pump(response, queue)
        finally:
            self._streams.discard(queue)
            if not self._streams:
                self._somebody.clear()
        return response


async def _pump(response: web.StreamResponse, queue: "asyncio.Queue[bytes]") -> None:
    while True:
        try:
            async with asyncio.timeout(BEAT_S):
                event = await queue.get()
        except TimeoutError:
            event = b": still here\n\n"
        await response.write(event)
