"""A console over a store that a test has filled, in this process: a thread with a loop of its own serves both."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from aiohttp import web
from clickhouse_connect.driver.client import Client

from agents import clickhouse_http, health
from agents.console.server import application
from agents.embedded import free_address
from agents.settings import load


@contextmanager
def serving(*apps: tuple[web.Application, str]) -> Iterator[None]:
    """Serve applications at their addresses, in a thread with a loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def done(coroutine: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401  # whatever it gives
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(60)

    runners = [done(health.serve(app, address, shutdown_timeout=0.5)) for app, address in apps]
    yield
    for runner in reversed(runners):
        done(runner.cleanup())
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@contextmanager
def over(store: Client) -> Iterator[str]:
    """The address of a console whose ClickHouse is the store and whose Kafka is away."""
    reads, at = free_address(), free_address()
    settings = load({
        "TOCSIN_CONSOLE_CLICKHOUSE": f"http://{reads}/tocsin", "TOCSIN_KAFKA": "127.0.0.1:1",
        "TOCSIN_HTTP": "127.0.0.1:1",
    })  # fmt: skip
    engine = clickhouse_http.application(store, ThreadPoolExecutor(1))
    with serving((engine, reads), (application(settings), at)):
        yield f"http://{at}"
