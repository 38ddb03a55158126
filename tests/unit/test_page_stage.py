"""Paging: every target hears every page, in order per incident, and the brand log hears what became of it."""

import asyncio
from pathlib import Path

import pytest
import structlog
from faust.types import TP
from msgspec import structs
from prometheus_client import generate_latest

from agents.metrics import Metrics
from agents.notifiers._base import Delivered, Outcome
from agents.page_stage import Paging
from agents.paging import Pager, RetryPolicy
from pipeline.feed import partition_of
from pipeline.page_text import page
from pipeline.stage import Output
from schemas.alert import Alert, Delivery, Page
from schemas.codec import Decoder, encode
from schemas.topics import BRAND_LOG, PAGES
from tests.fakes.faust_world import Record, breathe

CHARGER = Path(__file__).parents[1] / "golden" / "alerts" / "charger.json"
HERE = TP(PAGES.name, 0)


def made(incident: str, number: int, brand: str = "acme") -> Page:
    alert = Decoder[Alert](Alert).decode(CHARGER.read_bytes())

    assert isinstance(alert, Alert)
    return structs.replace(page(alert, 1), dedup_key=incident, page_id=f"{incident}-{number}", brand=brand)


class Target:
    """Takes pages one by one when the test lets it."""

    def __init__(self, name: str, *, open_: bool = True) -> None:
        self.name, self.heard = name, list[str]()
        self.gate = asyncio.Event()
        if open_:
            self.gate.set()

    async def send(self, sent: Page) -> Outcome:
        """Note the page when it arrives, and wait."""
        self.heard.append(sent.page_id)
        await self.gate.wait()
        return Delivered("HTTP 200")


class World:
    """A page stage, its targets and what it put on the brand log."""

    def __init__(self, *targets: Target) -> None:
        self.sent: list[Output] = []
        pager = Pager(targets, lambda: 1_800_000_000_000, asyncio.sleep, lambda: 0.0, RetryPolicy())
        self.points: list[str] = []
        self.metrics = Metrics()
        self.paging = Paging(pager, self._send, 3, self.metrics, self.points.append)

    async def _send(self, output: Output) -> None:
        self.sent.append(output)

    def batch(self, *pages: Page | bytes, first: int = 0) -> asyncio.Task[None]:
        """A batch of pages begins."""
        values = [one if isinstance(one, bytes) else encode(one) for one in pages]
        batch = [Record(first + number, 0, None, value) for number, value in enumerate(values)]
        return asyncio.ensure_future(self.paging(HERE, batch))  # type: ignore[arg-type]  # as far as it is used


async def test_what_became_of_a_page_is_on_the_brands_partition_of_the_log_before_the_batch_ends():
    world = World(Target("hook"), Target("pager"))
    await world.batch(made("i", 1, brand="acme-stay"))
    told = [Decoder[Delivery](Delivery).decode(output.value) for output in world.sent]

    assert {(one.page_id, one.target, one.status) for one in told if isinstance(one, Delivery)} == {
        ("i-1", "hook", "delivered"), ("i-1", "pager", "delivered"),
    }  # fmt: skip
    assert {(output.topic, output.partition, output.key) for output in world.sent} == {
        (BRAND_LOG.name, partition_of(b"acme-stay", 3), b"acme-stay")
    }


async def test_pages_of_one_incident_wait_for_each_other_also_across_batches():
    target = Target("hook", open_=False)
    world = World(target)
    batches = [world.batch(made("i", 1), made("i", 2)), world.batch(made("i", 3), first=2)]
    await breathe()
    before = list(target.heard)
    target.gate.set()
    await asyncio.gather(*batches)

    assert (before, target.heard) == (["i-1"], ["i-1", "i-2", "i-3"])


async def test_incidents_and_targets_do_not_wait_for_each_other():
    slow, fast = Target("slow", open_=False), Target("fast")
    world = World(slow, fast)
    batch = world.batch(made("a", 1), made("b", 1), made("a", 2))
    await breathe()

    assert set(slow.heard) == {"a-1", "b-1"}
    assert fast.heard == ["a-1", "b-1", "a-2"]
    assert not batch.done()
    slow.gate.set()
    await batch


async def test_an_unreadable_page_is_logged_and_the_others_are_delivered():
    target = Target("hook")
    world = World(target)
    with structlog.testing.capture_logs() as logged:
        await world.batch(b"{", made("i", 1), first=7)

    assert target.heard == ["i-1"]
    assert [(entry["event"], entry["offset"]) for entry in logged] == [("unreadable_page", 7)]


async def test_a_delivery_that_cannot_be_put_on_the_log_is_not_taken_for_done():
    world = World(Target("hook"))

    async def refuse(_output: Output) -> None:
        raise OSError("down")

    world.paging._send = refuse
    with pytest.raises(OSError, match="down"):
        await world.batch(made("i", 1))


async def test_crash_points_lie_before_a_page_goes_out_and_between_its_delivery_and_telling_of_it():
    target = Target("hook", open_=False)
    world = World(target)
    batch = world.batch(made("i", 1))
    await breathe()
    before = list(world.points)
    target.gate.set()
    await batch

    assert (before, world.points) == (["before page"], ["before page", "after page"])


async def test_an_incident_that_is_over_leaves_nothing_behind():
    world = World(Target("hook"))
    await world.batch(made("i", 1), structs.replace(made("i", 2), action="resolve"))

    assert not world.paging._turns


async def test_how_long_a_page_took_since_its_minute_is_counted_for_those_that_ring_from_a_first_zero_on():
    world, at = World(Target("hook")), 1_800_000_000_000 - 31_500
    before = generate_latest(world.metrics.registry).decode().splitlines()
    ringing = structs.replace(made("i", 1), at=at)
    await world.batch(ringing, structs.replace(made("i", 2), at=at - 7_000, action="resolve"))
    after = generate_latest(world.metrics.registry).decode().splitlines()

    assert 'tocsin_post_to_page_seconds_count{target="hook"} 0.0' in before
    assert 'tocsin_post_to_page_seconds_sum{target="hook"} 31.5' in after
    assert 'tocsin_post_to_page_seconds_count{target="hook"} 1.0' in after
