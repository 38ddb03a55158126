"""A capture of Bluesky through a collector that is killed, its raw topic and all stages to ClickHouse: exact counts."""

import asyncio
import signal
import time

from schemas.topics import COLLECT_STATE, raw
from tests.fakes.sources import bluesky
from tests.integration.end_to_end.test_adapt import AUTHORS, MINUTE_MS, POSTS, WATCHLIST, capture
from tests.integration.stack import Stack
from tests.integration.test_collect import PRIVATE, running, until

RATE = 80  # slow enough to be killed in the middle


def raw_values(stack: Stack) -> list[bytes]:
    return [value for _, _, value, _ in stack.topic(raw("bluesky").name) if value]


async def test_a_capture_through_a_collector_that_is_killed_ends_in_clickhouse_with_exact_counts(stack) -> None:
    there = stack(WATCHLIST)
    settings = {"sources": "bluesky", "pseudonym_key": "a secret of the tests", "pseudonym_key_id": "tests"}
    await asyncio.to_thread(there.start, **settings)
    at = (int(time.time() * 1000) - 1_200_000) // MINUTE_MS * MINUTE_MS
    async with bluesky.open_source(0) as source:
        source.events = sorted(capture(at), key=bluesky.time_us)
        server = ("bluesky", "--server", str(source.url), "--since", "1d", "--rate", str(RATE), *PRIVATE)
        async with running(there, *server):
            await until(lambda: bool(there.topic(COLLECT_STATE.name)))
        killed_at = len(await asyncio.to_thread(raw_values, there))
        async with running(there, *server) as collector:
            await until(lambda: set(raw_values(there)) == set(source.events))

            assert await collector.end(signal.SIGTERM) == 0
    named = POSTS // 2 + 1
    await until(lambda: there.query("SELECT count() FROM signals FINAL") == [(named,)], 120)
    await asyncio.to_thread(there.wait, there.settled, 60, "it does not settle")

    assert 0 < killed_at < len(source.events)
    assert len(source.asked) == 2
    assert there.query("SELECT count(), uniqExact(author_key) FROM signals FINAL") == [(named, AUTHORS // 2 + 1)]
    assert there.query("SELECT topic, count() FROM rejected FINAL GROUP BY topic") == [(raw("bluesky").name, 2)]
    assert len({value for _, _, value, _ in there.topic("social.interactions.v1")}) == 50
    assert there.query("SELECT sum(posts) FROM minute_totals WHERE facet = ''") == [(named,)]
    assert there.stop() == 0
