"""What every collector keeps to, present and future: found by discovery, over local servers of its source."""

from importlib import import_module

import pytest

from agents import collectors
from agents.metrics import Metrics
from agents.paging import RetryPolicy
from pipeline.discover import names, plugins
from tests.fakes import sources
from tests.fakes.raw_log import RawLog, collecting, eventually
from tests.fakes.sources._base import Opening, Source

COUNT = 40
RECEIVERS = {"http"}  # what is sent to them is repeated by the sender
NAMES = [name for name in names(collectors) if name not in RECEIVERS]

every = pytest.mark.parametrize("name", NAMES)


def opening(name: str) -> Opening:
    opened: Opening = import_module(f"{sources.__name__}.{name}").SOURCE
    return opened


def told(source: Source, log: RawLog) -> list[str]:
    return [one for value in log.values for one in source.ids_of(value)]


def complete(source: Source, log: RawLog) -> bool:
    return set(told(source, log)) == set(source.ids)


def test_every_collector_has_a_command_and_a_local_source():
    assert plugins(collectors, "COLLECTOR").keys() == set(names(collectors))
    assert set(NAMES) <= set(names(sources))


@every
async def test_all_that_a_source_tells_is_collected_once_and_the_cursor_follows(name: str):
    log = RawLog()
    async with opening(name)(COUNT) as source, collecting(source.stream(), log) as delivery:
        await eventually(lambda: complete(source, log))
        await eventually(lambda: delivery.safe == delivery.position is not None)

        assert len(log.values) == len(set(log.values))
        assert all(key for key, _ in log.records)


@every
async def test_the_cursor_waits_for_acknowledgements(name: str):
    log = RawLog()
    log.holding = True
    async with opening(name)(COUNT) as source, collecting(source.stream(), log) as delivery:
        await eventually(lambda: bool(log.values))

        assert delivery.safe is None

        log.acknowledge()
        await eventually(lambda: complete(source, log) and delivery.safe is not None)


@every
async def test_one_that_is_killed_goes_on_behind_what_was_acknowledged(name: str):
    log = RawLog()
    async with opening(name)(COUNT) as source:
        async with collecting(source.stream(), log) as delivery:
            await eventually(lambda: delivery.safe is not None)
            log.holding = True
            await eventually(lambda: bool(log.held) or complete(source, log))
            cursor = delivery.safe
        kept = log.records[: len(log.records) - len(log.held)]
        log.records, log.held, log.holding = list(kept), [], False
        async with collecting(source.stream(), log, cursor):
            await eventually(lambda: complete(source, log))
        before = {one for _, value in kept for one in source.ids_of(value)}
        after = [one for _, value in log.records[len(kept) :] for one in source.ids_of(value)]

        assert len([one for one in after if one in before]) <= source.overlap


@every
async def test_a_source_that_drops_the_connection_is_gone_on_with(name: str):
    log, metrics = RawLog(), Metrics()
    async with opening(name)(COUNT) as source:
        source.cut_after = 5
        async with collecting(source.stream(), log, metrics=metrics):
            await eventually(lambda: complete(source, log))

        assert source.visits > 1
        assert source.cut_after == 0
    interruptions = metrics.registry.get_sample_value
    assert any(
        interruptions("tocsin_collect_interruptions_total", {"source": "source", "reason": reason})
        for reason in ("closed", "unreachable")
    )


@every
async def test_a_source_that_is_away_is_asked_ever_more_slowly(name: str):
    waits: list[float] = []

    class Noted(RetryPolicy):
        def wait_s(self, failures: int, after_s: float | None, jitter: float) -> float:
            waits.append(RetryPolicy().wait_s(failures, after_s, 0.0))
            return jitter / 1_000

    async with opening(name)(COUNT) as source:
        stream = source.stream()
    async with collecting(stream, RawLog(), waits=Noted()):
        await eventually(lambda: len(waits) >= 8)

    assert waits[:8] == [1, 2, 4, 8, 16, 32, 60, 60]


@every
async def test_a_limit_on_payloads_a_second_is_kept(name: str):
    log = RawLog()
    async with opening(name)(COUNT) as source, collecting(source.stream(), log, rate=1):
        await eventually(lambda: bool(log.values))
        before = len(log.records)
        await eventually(lambda: len(log.records) > before or complete(source, log))

        assert len(log.records) - before <= 1
