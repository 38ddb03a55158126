"""Rules of delivering one page to several notifiers."""

import asyncio
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from agents.notifiers._base import Delivered, Outcome, Refused, Retry
from agents.paging import Pager, RetryPolicy
from pipeline.page_text import page
from schemas.alert import Alert, Page
from schemas.codec import Decoder

CHARGER = Path(__file__).parents[1] / "golden" / "alerts" / "charger.json"
START = 1_795_312_500_000


@dataclass
class World:
    """A clock that only sleeping moves."""

    ms: int = START
    slept: list[float] = field(default_factory=list)

    def now_ms(self) -> int:
        """What the clock shows."""
        return self.ms

    async def sleep(self, seconds: float) -> None:
        """Move the clock."""
        self.slept.append(seconds)
        self.ms += round(seconds * 1000)
        await asyncio.sleep(0)


class Scripted:
    """Plays its outcomes; the last one for ever. An exception is raised, an event waited for."""

    def __init__(self, name: str, *script: Outcome | Exception | asyncio.Event) -> None:
        self.name, self.script, self.calls = name, list(script), 0

    async def send(self, page: Page) -> Outcome:  # noqa: ARG002  # the script does not depend on the page
        """The next outcome."""
        step = self.script[min(self.calls, len(self.script) - 1)]
        self.calls += 1
        if isinstance(step, asyncio.Event):
            await step.wait()
            return Delivered("late")
        if isinstance(step, Exception):
            raise step
        return step


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def sent() -> Page:
    alert = Decoder[Alert](Alert).decode(CHARGER.read_bytes())

    assert isinstance(alert, Alert)
    return page(alert, 1)


def pager(world: World, *notifiers: Scripted, jitter: float = 0.0, **policy: float) -> Pager:
    return Pager(notifiers, world.now_ms, world.sleep, lambda: jitter, RetryPolicy(**policy))


async def test_a_delivery_says_which_page_reached_whom_when(world: World, sent: Page):
    (delivery,) = await pager(world, Scripted("hook", Delivered("HTTP 200"))).deliver(sent)

    assert (delivery.page_id, delivery.dedup_key, delivery.brand) == (sent.page_id, sent.dedup_key, sent.brand)
    assert (delivery.target, delivery.status, delivery.attempts) == ("hook", "delivered", 1)
    assert (delivery.requested_at, delivery.finished_at, delivery.detail) == (START, START, "HTTP 200")


async def test_waits_double_up_to_the_longest_and_then_the_target_has_it(world: World, sent: Page):
    script = [Retry(None, "HTTP 500")] * 8
    (delivery,) = await pager(world, Scripted("hook", *script, Delivered("HTTP 200"))).deliver(sent)

    assert world.slept == [1, 2, 4, 8, 16, 32, 60, 60]
    assert (delivery.status, delivery.attempts) == ("delivered", 9)
    assert delivery.finished_at == START + 183_000


async def test_jitter_takes_off_at_most_half_a_wait(world: World, sent: Page):
    await pager(world, Scripted("hook", Retry(None, ""), Delivered("")), jitter=0.99).deliver(sent)

    assert world.slept == [pytest.approx(0.505)]


async def test_the_target_may_ask_for_a_longer_wait_but_not_for_a_shorter_one(world: World, sent: Page):
    await pager(world, Scripted("hook", Retry(120.0, ""), Retry(0.0, ""), Delivered(""))).deliver(sent)

    assert world.slept == [120, 2]


async def test_a_page_is_given_up_when_the_next_attempt_would_come_too_late(world: World, sent: Page):
    (delivery,) = await pager(world, Scripted("hook", Retry(None, "HTTP 503"))).deliver(sent)

    assert delivery.status == "gave_up"
    assert delivery.detail == "HTTP 503"
    assert sum(world.slept) <= 600 < sum(world.slept) + 60


async def test_a_clock_that_stands_still_does_not_buy_endless_attempts(world: World, sent: Page):
    async def sleep(seconds: float) -> None:
        world.slept.append(seconds)

    stuck = Pager([Scripted("hook", Retry(None, ""))], lambda: START, sleep, lambda: 0.0, RetryPolicy())
    (delivery,) = await stuck.deliver(sent)

    assert delivery.status == "gave_up"
    assert sum(world.slept) <= 600


async def test_attempts_are_bounded_even_if_every_wait_is_short(world: World, sent: Page):
    hook = Scripted("hook", Retry(None, ""))
    (delivery,) = await pager(world, hook, attempts=5, longest_wait_s=0.001).deliver(sent)

    assert (hook.calls, delivery.attempts, delivery.status) == (5, 5, "gave_up")


async def test_a_refusal_is_final(world: World, sent: Page):
    hook = Scripted("hook", Refused("HTTP 400"))
    (delivery,) = await pager(world, hook).deliver(sent)

    assert (hook.calls, delivery.status, delivery.detail, world.slept) == (1, "refused", "HTTP 400", [])


async def test_an_exception_counts_as_a_failed_attempt_and_its_text_is_not_repeated(world: World, sent: Page):
    hook = Scripted("hook", RuntimeError("https://user:secret@example.invalid"))
    (delivery,) = await pager(world, hook, attempts=3).deliver(sent)

    assert (hook.calls, delivery.status, delivery.detail) == (3, "gave_up", "RuntimeError")


async def test_a_hanging_attempt_is_cut_off_and_tried_again(world: World, sent: Page):
    hook = Scripted("hook", asyncio.Event(), Delivered("HTTP 200"))
    (delivery,) = await pager(world, hook, attempt_s=0.01).deliver(sent)

    assert (hook.calls, delivery.status) == (2, "delivered")


async def test_neither_a_hanging_nor_a_broken_notifier_keeps_a_page_from_the_others(world: World, sent: Page):
    release, reached = asyncio.Event(), asyncio.Event()

    class Reached(Scripted):
        async def send(self, page: Page) -> Outcome:
            reached.set()
            return await super().send(page)

    slow, broken, good = Scripted("slow", release), Scripted("broken", ValueError()), Reached("good", Delivered(""))
    delivering = asyncio.ensure_future(pager(world, slow, broken, good, attempts=2).deliver(sent))
    await reached.wait()

    assert not delivering.done()
    release.set()
    statuses = [(delivery.target, delivery.status) for delivery in await delivering]

    assert statuses == [("slow", "delivered"), ("broken", "gave_up"), ("good", "delivered")]


async def test_stopping_the_worker_stops_the_delivery(world: World, sent: Page):
    delivering = asyncio.ensure_future(pager(world, Scripted("slow", asyncio.Event())).deliver(sent))
    await asyncio.sleep(0)
    delivering.cancel()

    with pytest.raises(asyncio.CancelledError):
        await delivering


async def test_without_notifiers_there_is_nothing_to_report(world: World, sent: Page):
    assert await pager(world).deliver(sent) == []


async def test_a_detail_fits_its_field(world: World, sent: Page):
    (delivery,) = await pager(world, Scripted("hook", Refused("x" * 5_000))).deliver(sent)

    assert len(delivery.detail) <= 1_024


def test_waits_never_shrink_without_jitter():
    waits = [RetryPolicy().wait_s(failures, None, 0.0) for failures in range(1, 100)]

    assert all(earlier <= later for earlier, later in pairwise(waits))
