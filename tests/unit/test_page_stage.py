"""The page stage: decided, kept, then delivered; nothing waits for a target, and what became of it is on the log."""

import asyncio
from collections.abc import Callable

import pytest
import structlog
from faust.types import TP
from msgspec import structs
from prometheus_client import generate_latest

from agents import dispatching
from agents.checkpoints import Latest
from agents.dispatch_world import World
from agents.dispatching import Dispatcher
from agents.metrics import Metrics
from agents.notifiers._base import Delivered, Outcome, Refused, Retry
from agents.page_stage import Paging
from agents.page_targets import Routed, Target
from pipeline.dispatch.pacing import Pacing
from pipeline.feed import partition_of
from pipeline.page_of_post import STALE_MS, page_of_post
from pipeline.routing.entries import Receiver, Route, Routing, Step, everyone
from pipeline.stage import Output
from schemas.alert import Delivery, Page
from schemas.codec import Decoder, encode
from schemas.dispatch import Letter, Mark
from schemas.finding import Finding
from schemas.topics import BRAND_LOG, FINDINGS, PAGE_STATE, PAGES, PAGES_DLQ
from schemas.withdrawal import Withdrawal
from tests.fakes.faust_world import Ending, Record, breathe
from tests.fakes.outbox import START, made

HERE = TP(PAGES.name, 0)
PARTITIONS = 3
_TOLD: Decoder[Delivery] = Decoder(Delivery)


class Hearer:
    """Takes pages one by one when the test lets it; plays its outcomes, the last one for ever."""

    def __init__(self, name: str, *outcomes: Outcome, open_: bool = True) -> None:
        self.name, self.heard, self.outcomes = name, list[str](), list(outcomes) or [Delivered("HTTP 200")]
        self.pages = list[Page]()
        self.gate = asyncio.Event()
        if open_:
            self.gate.set()

    async def send(self, sent: Page) -> Outcome:
        """Note the page when it arrives, and wait."""
        self.heard.append(sent.page_id)
        self.pages.append(sent)
        await self.gate.wait()
        return self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]


class Stage:
    """A page stage, its targets, its clock and what it put on Kafka."""

    def __init__(self, *hearers: Hearer, per_minute: int = 0, routing: Routing | None = None) -> None:
        self._routing = routing
        self.sent: list[Output] = []
        self.points: list[str] = []
        self.now, self.ending, self.refusal = START, Ending(), None
        self.world = World(self._send, lambda: self.now, lambda: 0.0, self.ending, self.points.append)
        self._targets = {one.name: Target(one.name, one, Pacing(per_minute, 8)) for one in hearers}
        self.start()

    def start(self, *hearers: str) -> None:
        """A worker begins, with these targets or all."""
        found = {name: one for name, one in self._targets.items() if name in hearers or not hearers}
        self.metrics, routed = Metrics(), Routed(self._routing or everyone(found), found)
        self.dispatcher = Dispatcher(routed, PARTITIONS, self.world, self.metrics)
        self.paging = Paging(self.dispatcher, self.world)

    def restart(self, *hearers: str) -> None:
        """Another worker begins with what Kafka has."""
        self.start(*hearers)
        state = {output.key: output.value for output in self.sent if output.topic == PAGE_STATE.name}
        self.dispatcher.load(value for value in state.values() if value is not None)

    async def _send(self, output: Output) -> None:
        if self.refusal:
            raise self.refusal
        self.sent.append(output)

    async def bring(self, *pages: Page | bytes, first: int = 0) -> None:
        """A batch of pages, and all that can happen at once."""
        values = [one if isinstance(one, bytes) else encode(one) for one in pages]
        batch = [Record(first + number, 0, None, value) for number, value in enumerate(values)]
        await self.paging(HERE, batch)  # type: ignore[arg-type]  # as far as it is used
        await breathe()

    async def wait(self, seconds: float) -> None:
        """Time passes, and the stage looks."""
        self.now += round(seconds * 1000)
        await self.dispatcher.recall()
        self.dispatcher.look()
        await breathe()

    def told(self) -> list[tuple[str, str, str, int]]:
        """Page, target, status and attempts, as the brand log has them."""
        found = [_TOLD.decode(output.value) for output in self.sent if output.topic == BRAND_LOG.name]
        return [(one.page_id, one.target, one.status, one.attempts) for one in found if isinstance(one, Delivery)]


async def test_what_became_of_a_page_is_on_the_brands_partition_of_the_log():
    stage = Stage(Hearer("hook"), Hearer("pager"))
    await stage.bring(made(1, brand="acme-stay"))

    assert stage.told() == [("i-1", "hook", "delivered", 1), ("i-1", "pager", "delivered", 1)]
    assert {(output.partition, output.key) for output in stage.sent if output.topic == BRAND_LOG.name} == {
        (partition_of(b"acme-stay", PARTITIONS), b"acme-stay")
    }


async def test_a_page_is_decided_before_anybody_hears_of_it_and_a_batch_waits_for_no_target():
    slow = Hearer("slow", open_=False)
    stage = Stage(slow)
    await stage.bring(made(1))

    assert slow.heard == ["i-1"]
    assert [output.topic for output in stage.sent] == [PAGE_STATE.name]


async def test_a_restart_goes_on_where_each_target_was():
    fast, slow = Hearer("fast"), Hearer("slow", Retry(None, "HTTP 503"), Delivered("HTTP 200"))
    stage = Stage(fast, slow)
    await stage.bring(made(1))
    stage.restart()
    await stage.wait(0)
    early = list(slow.heard)
    await stage.wait(1)

    assert (fast.heard, early, slow.heard) == (["i-1"], ["i-1"], ["i-1", "i-1"])
    assert stage.told()[-1] == ("i-1", "slow", "delivered", 2)


async def test_who_dies_between_a_delivery_and_its_mark_delivers_again():
    hook = Hearer("hook", open_=False)
    stage = Stage(hook)
    await stage.bring(made(1))
    stage.restart()
    hook.gate.set()
    await stage.wait(0)

    assert hook.heard == ["i-1", "i-1"]


async def test_incidents_and_targets_do_not_wait_for_each_other():
    slow, fast = Hearer("slow", open_=False), Hearer("fast")
    stage = Stage(slow, fast)
    await stage.bring(made(1, incident="a"), made(1, incident="b"), made(2, incident="a"))

    assert set(slow.heard) == {"a-1", "b-1"}
    assert fast.heard == ["a-1", "b-1", "a-2"]


async def test_a_target_gets_no_more_than_its_limit_and_the_rest_a_minute_later():
    hook = Hearer("hook")
    stage = Stage(hook, per_minute=2)
    await stage.bring(*(made(1, incident=name) for name in "abc"))
    first = list(hook.heard)
    await stage.wait(60)

    assert (first, hook.heard) == (["a-1", "b-1"], ["a-1", "b-1", "c-1"])


async def test_what_nobody_took_in_time_is_a_dead_letter_with_its_reason():
    stage = Stage(Hearer("hook", Retry(None, "HTTP 503")))
    await stage.bring(made(1))
    await stage.wait(23 * 3600)
    await stage.wait(2 * 3600)
    (letter,) = [output for output in stage.sent if output.topic == PAGES_DLQ.name]

    assert stage.told()[-1] == ("i-1", "hook", "gave_up", 3)
    assert letter.value == encode(made(1))
    assert dict(letter.headers)["tocsin-reason-code"] == b"undelivered"
    assert dict(letter.headers)["__connect.errors.exception.message"].startswith(
        b"hook: expired; the last attempt: HTTP"
    )


async def test_a_receiver_that_the_file_names_no_more_is_given_up_and_the_others_go_on():
    stage = Stage(Hearer("gone", Retry(None, "")), Hearer("there", Retry(None, ""), Delivered("")))
    await stage.bring(made(1))
    stage.restart("there")
    await stage.wait(1)

    assert stage.told()[-2:] == [("i-1", "gone", "gave_up", 1), ("i-1", "there", "delivered", 2)]


async def test_a_refusal_is_final():
    hook = Hearer("hook", Refused("HTTP 400"))
    stage = Stage(hook)
    await stage.bring(made(1))
    await stage.wait(3600)

    assert (hook.heard, stage.told()) == (["i-1"], [("i-1", "hook", "refused", 1)])


async def test_an_unreadable_page_is_a_dead_letter_and_the_others_are_delivered():
    hook = Hearer("hook")
    stage = Stage(hook)
    with structlog.testing.capture_logs() as logged:
        await stage.bring(b"{", made(1), first=7)

    assert hook.heard == ["i-1"]
    assert [(entry["event"], entry["offset"]) for entry in logged] == [("unreadable_page", 7)]
    assert [output.value for output in stage.sent if output.topic == PAGES_DLQ.name] == [b"{"]


async def test_what_became_of_a_page_must_be_on_the_log_or_the_worker_ends():
    hook = Hearer("hook", open_=False)
    stage = Stage(hook)
    await stage.bring(made(1))
    stage.refusal = OSError("down")
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    hook.gate.set()
    await breathe()

    assert stage.ending.reasons == ["page: hook: OSError('down')"]


async def test_crash_points_lie_before_a_page_goes_out_and_between_its_delivery_and_telling_of_it():
    hook = Hearer("hook", open_=False)
    stage = Stage(hook)
    await stage.bring(made(1))
    before = list(stage.points)
    hook.gate.set()
    await breathe()

    assert (before, stage.points) == (["before page"], ["before page", "after page"])


async def test_partitions_that_go_away_are_left_to_others_once_what_is_under_way_has_ended():
    hook = Hearer("hook", open_=False)
    stage = Stage(hook)
    await stage.bring(made(1), made(2))
    releasing = asyncio.ensure_future(stage.dispatcher.release())
    await breathe()
    waited = not releasing.done()
    hook.gate.set()
    await releasing

    assert waited
    assert hook.heard == ["i-1"]
    stage.restart()
    await stage.wait(0)
    assert hook.heard == ["i-1", "i-2"]


async def test_what_waits_on_partitions_that_went_away_while_it_was_read_is_left_to_their_owner(
    monkeypatch: pytest.MonkeyPatch,
):
    stage, reading = Stage(Hearer("hook", open_=False)), asyncio.Event()
    await stage.bring(made(1))
    state = {b"%d" % number: output.value for number, output in enumerate(stage.sent) if output.value}
    hook = Hearer("hook")
    stage = Stage(hook)

    async def read_latest(*_: object) -> dict[int, Latest]:
        await reading.wait()
        return {0: Latest({key.decode(): value for key, value in state.items()}, {})}

    monkeypatch.setattr(dispatching, "read_latest", read_latest)
    restoring = asyncio.ensure_future(stage.dispatcher.restore("", [0]))
    await breathe()
    await stage.dispatcher.release()
    reading.set()
    await restoring
    await stage.wait(1)
    went_away = list(hook.heard)
    await stage.dispatcher.restore("", [0])
    await stage.wait(1)

    assert (went_away, hook.heard) == ([], ["i-1"])


async def test_a_worker_that_stops_keeps_what_became_of_pages_under_way_and_leaves_the_others_to_the_next():
    hook = Hearer("hook", open_=False)
    stage = Stage(hook)
    await stage.bring(made(1))
    draining = asyncio.ensure_future(stage.dispatcher.drain())
    await breathe()
    await stage.bring(made(1, incident="j"))
    await stage.wait(1)
    waited = not draining.done()
    hook.gate.set()
    await draining

    assert waited
    assert (hook.heard, stage.told()) == (["i-1"], [("i-1", "hook", "delivered", 1)])
    stage.restart()
    await stage.wait(0)
    assert hook.heard == ["i-1", "j-1"]


async def test_what_nobody_needs_any_more_is_removed_together_so_that_pages_do_not_wait_for_each_removal(
    monkeypatch: pytest.MonkeyPatch,
):
    stage, together, removed = Stage(Hearer("hook")), asyncio.Barrier(3), list[bytes | None]()
    await stage.bring(*(made(1, incident=name) for name in "ijk"))

    async def send(output: Output) -> None:
        await together.wait()
        removed.append(output.key)

    monkeypatch.setattr(dispatching, "SWEEP_LOOKS", 1)
    stage.dispatcher._world = stage.world._replace(send=send)
    tending = asyncio.ensure_future(stage.dispatcher.tend())
    await breathe()
    tending.cancel()

    assert sorted(filter(None, removed)) == [b"i-1", b"j-1", b"k-1"]


def records(stage: Stage, kind: Callable[[object], bool]) -> list[object]:
    """What of this kind is on the state topic."""
    decoder: Decoder[Letter | Mark] = Decoder(Letter | Mark)
    return [found for output in stage.sent if kind(found := decoder.decode(output.value))]


FINDING = Finding(
    finding_id="f-1", detector="critical_post", brand="acme", at=START, score=1.0, threshold=1.0, observed=1.0,
    expected=0.0, unit="critical complaint", since=START, rules="r", evidence=made(1).alert.evidence[:1],
)  # fmt: skip
POSTS_TO_HOOK = Routing(
    {"hook": Receiver("hook", "webhook")},
    (Route("now", (Step(0, ("hook",)),), posts=frozenset({"critical_post"})), Route("all", (Step(0, ("hook",)),))),
)


async def found(stage: Stage, finding: Finding, appended_at: int = START) -> None:
    """A finding arrives."""
    batch = [Record(0, appended_at, None, encode(finding))]
    await stage.paging(TP(FINDINGS.name, 0), batch)  # type: ignore[arg-type]  # as far as it is used
    await breathe()


async def test_a_post_that_does_not_wait_rings_who_asked_for_it_once_whoever_tells_of_it():
    hook = Hearer("hook")
    stage = Stage(hook, routing=POSTS_TO_HOOK)
    await found(stage, FINDING)
    await found(stage, FINDING)

    assert len(hook.heard) == 1
    assert stage.told()[0][1:] == ("hook", "delivered", 1)


@pytest.mark.parametrize(
    ("finding", "appended_at"),
    [
        (structs.replace(FINDING, detector="complaint_volume"), START),
        (structs.replace(FINDING, detector="influential_post"), START),
        (FINDING, START - STALE_MS - 1),
        (structs.replace(FINDING, at=START - STALE_MS - 1), START),
    ],
    ids=["of a detector", "not asked for", "read late", "an old post"],
)
async def test_other_findings_and_old_ones_ring_nobody(finding: Finding, appended_at: int):
    hook = Hearer("hook")
    await found(Stage(hook, routing=POSTS_TO_HOOK), finding, appended_at)

    assert hook.heard == []


async def test_an_unreadable_finding_is_left_to_its_maker():
    stage = Stage(Hearer("hook"), routing=POSTS_TO_HOOK)
    batch = [Record(0, START, None, b"{")]
    await stage.paging(TP(FINDINGS.name, 0), batch)  # type: ignore[arg-type]  # as far as it is used

    assert stage.sent == []


def test_the_page_of_a_post_says_that_it_is_one_and_shows_it():
    page = page_of_post(FINDING)

    assert page is not None
    assert page.title["en"].startswith("[CRITICAL] acme: 1 critical complaint")
    assert "A single post, told at once" in page.body["en"]
    assert FINDING.evidence[0].text in page.body["zh"]
    assert page_of_post(FINDING) == page


LATER = Routing(
    {name: Receiver(name, "webhook") for name in ("hook", "boss")},
    (Route("all", (Step(0, ("hook",)), Step(600_000, ("boss",)))),),
)
QUOTED = made(1).alert.evidence[0]


def waiting(stage: Stage) -> str:
    """What the living records of the state topic say."""
    living = {output.key: output.value for output in stage.sent if output.topic == PAGE_STATE.name}
    return b"".join(value for value in living.values() if value).decode()


@pytest.mark.parametrize("subject", [f"post:{QUOTED.post_uid}", f"author:{QUOTED.author_key}"])
async def test_an_escalation_that_waits_quotes_no_post_that_was_withdrawn_since(subject: str):
    hook, boss = Hearer("hook"), Hearer("boss")
    stage = Stage(hook, boss, routing=LATER)
    await stage.bring(made(1))
    stage.dispatcher.withdraw(Withdrawal(subject=subject), stage.now)
    await stage.wait(60)

    assert QUOTED.text not in waiting(stage)
    stage.restart()
    await stage.wait(600)
    assert QUOTED in hook.pages[0].alert.evidence  # it was told before
    assert [post.post_uid for post in boss.pages[0].alert.evidence] == ["forum:2"]
    assert QUOTED.text not in boss.pages[0].body["zh"]
    assert "1 of 2 posts withdrawn" in boss.pages[0].body["en"]
    assert boss.heard == ["i-1"]


async def test_a_page_that_was_on_its_way_when_its_post_was_withdrawn_is_kept_without():
    hook = Hearer("hook")
    stage = Stage(hook)
    stage.dispatcher.withdraw(Withdrawal(subject=f"post:{QUOTED.post_uid}"), stage.now - 60_000)
    await stage.bring(made(1))

    assert QUOTED.text not in waiting(stage)
    assert [post.post_uid for post in hook.pages[0].alert.evidence] == ["forum:2"]


async def test_what_is_shown_again_or_was_withdrawn_long_ago_is_quoted():
    hook = Hearer("hook")
    stage = Stage(hook)
    stage.dispatcher.withdraw(Withdrawal(subject="post:forum:2"), stage.now - 25 * 3_600_000)
    for back in (False, True):
        stage.dispatcher.withdraw(Withdrawal(subject=f"post:{QUOTED.post_uid}", back=back), stage.now)
    await stage.bring(made(1))

    assert hook.pages == [made(1)]


async def test_nobody_is_told_later_of_a_single_post_that_is_gone():
    busy = Hearer("hook", Retry(None, "HTTP 503"), Delivered("HTTP 200"))
    stage = Stage(busy, routing=POSTS_TO_HOOK)
    await found(stage, FINDING)
    stage.dispatcher.withdraw(Withdrawal(subject=f"post:{QUOTED.post_uid}"), stage.now)
    await stage.wait(3_600)
    await found(stage, structs.replace(FINDING, finding_id="f-2", at=stage.now), stage.now)

    assert len(busy.heard) == 1
    assert [status for *_, status, _ in stage.told()] == ["retrying", "not_needed"]
    for brand, key in stage.dispatcher._ledger.over(stage.now):
        stage.sent.append(stage.dispatcher._output(brand, key, None))
    assert QUOTED.text not in waiting(stage)


async def test_a_page_that_comes_again_is_neither_kept_nor_delivered_again():
    hook = Hearer("hook")
    stage = Stage(hook)
    await stage.bring(made(1))
    await stage.bring(made(1))

    assert hook.heard == ["i-1"]
    assert len(records(stage, lambda one: isinstance(one, Letter))) == 1


async def test_how_long_a_page_took_since_its_minute_is_counted_for_those_that_ring_from_a_first_zero_on():
    stage = Stage(Hearer("hook"))
    before = generate_latest(stage.metrics.registry).decode().splitlines()
    ringing = structs.replace(made(1), at=START - 31_500)
    await stage.bring(ringing, structs.replace(made(2), at=START - 31_500, action="resolve"))
    after = generate_latest(stage.metrics.registry).decode().splitlines()

    assert 'tocsin_post_to_page_seconds_count{target="hook"} 0.0' in before
    assert 'tocsin_post_to_page_seconds_sum{target="hook"} 31.5' in after
    assert 'tocsin_post_to_page_seconds_count{target="hook"} 1.0' in after
