"""Rules of one attempt to hand a page over, and of the waits between attempts."""

import asyncio
from itertools import pairwise

import pytest

from agents.notifiers._base import Delivered, Outcome, Retry
from agents.paging import RetryPolicy, attempt
from schemas.alert import Page
from tests.fakes.outbox import made


class Scripted:
    """Does one thing: returns an outcome, raises an exception, or waits for an event."""

    def __init__(self, step: Outcome | Exception | asyncio.Event) -> None:
        self.name, self._step = "hook", step

    async def send(self, page: Page) -> Outcome:  # noqa: ARG002  # the script does not depend on the page
        """What the script says."""
        if isinstance(self._step, asyncio.Event):
            await self._step.wait()
        if isinstance(self._step, Exception):
            raise self._step
        return self._step if isinstance(self._step, tuple) else Delivered("late")


async def test_what_the_notifier_says_is_the_outcome():
    assert await attempt(Scripted(Delivered("HTTP 200")), made(1), 1.0) == Delivered("HTTP 200")


async def test_an_exception_counts_as_a_failed_attempt_and_its_text_is_not_repeated():
    broken = Scripted(RuntimeError("https://user:secret@example.invalid"))

    assert await attempt(broken, made(1), 1.0) == Retry(None, "RuntimeError")


async def test_a_hanging_attempt_is_cut_off():
    assert await attempt(Scripted(asyncio.Event()), made(1), 0.01) == Retry(None, "no outcome within 0.01 s")


async def test_stopping_the_worker_stops_the_attempt():
    sending = asyncio.ensure_future(attempt(Scripted(asyncio.Event()), made(1), 60.0))
    await asyncio.sleep(0)
    sending.cancel()

    with pytest.raises(asyncio.CancelledError):
        await sending


def test_waits_double_up_to_the_longest():
    assert [RetryPolicy().wait_s(failures, None, 0.0) for failures in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_jitter_takes_off_at_most_half_a_wait():
    assert RetryPolicy().wait_s(1, None, 0.99) == pytest.approx(0.505)


def test_the_target_may_ask_for_a_longer_wait_but_not_for_a_shorter_one():
    assert [RetryPolicy().wait_s(2, after_s, 0.0) for after_s in (120.0, 0.0)] == [120, 2]


def test_waits_never_shrink_without_jitter():
    waits = [RetryPolicy().wait_s(failures, None, 0.0) for failures in range(1, 100)]

    assert all(earlier <= later for earlier, later in pairwise(waits))
