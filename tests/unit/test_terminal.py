"""A terminal that is stopped keeps only its own pages from being delivered."""

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TextIO

from agents.notifiers._base import Delivered, Retry
from agents.notifiers.terminal import Terminal
from agents.paging import attempt
from tests.fakes.outbox import made

THREADS = 2  # of the loop, which everybody shares
PATIENCE_S = 10.0


class Stopped:
    """A full pipe whose reader goes on when it is told, or the test would hang for ever with what it tests."""

    def __init__(self) -> None:
        self._end, into = os.pipe()
        os.set_blocking(into, False)
        try:
            while os.write(into, b" " * 4096):
                pass
        except BlockingIOError:
            os.set_blocking(into, True)
        self.stream: TextIO = os.fdopen(into, "w", encoding="utf-8")
        self.told, self.in_time, self.text = threading.Event(), False, ""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        self.in_time = self.told.wait(PATIENCE_S)
        with os.fdopen(self._end, encoding="utf-8") as pipe:
            self.text = pipe.read()

    def close(self) -> None:
        """The writer has ended, and all is read."""
        self.told.set()
        self.stream.close()
        self._reader.join()


async def test_a_terminal_that_is_stopped_holds_neither_the_loop_nor_its_threads_and_shows_no_page_for_each_attempt():
    pipe = Stopped()
    terminal, page = Terminal(pipe.stream), made(1)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    outcomes = [await attempt(terminal, page, 0.05) for _ in range(THREADS + 1)]
    others = await asyncio.to_thread(lambda: "looked up")
    pipe.told.set()
    later = await attempt(terminal, page, PATIENCE_S)
    pipe.close()

    assert ({type(outcome) for outcome in outcomes}, others, pipe.in_time) == ({Retry}, "looked up", True)
    assert (later, pipe.text.count("TOCSIN")) == (Delivered("written"), 2)
