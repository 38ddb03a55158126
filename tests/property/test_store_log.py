"""However a log reaches the store, the tables are those of the set of its records."""

from collections import Counter
from collections.abc import Callable
from random import Random

from faust.types import TP
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.replay import LogRecord
from schemas.topics import BRAND_LOG, SIGNALS
from tests.store_log import FAULTS, Tables, brand_log, of_the_set, signals_log, store_through

SIZE = 40
LOGS: dict[str, Callable[[Random, int], list[LogRecord]]] = {SIGNALS.name: signals_log, BRAND_LOG.name: brand_log}
some = settings(max_examples=60, deadline=None)


def stored_as_the_set(topic: str, seed: int, window: int) -> Counter[str]:
    """Hold a run of the store under faults to the set of its inputs; the faults that it met."""
    rng, faults = Random(seed), Counter[str]()
    log, tables = LOGS[topic](rng, SIZE), Tables(window, faults)
    letters = store_through(rng, TP(topic, 0), log, tables.insert, faults)
    view, refused = of_the_set(topic, log)
    told = {one.value for one in letters}

    assert tables.view() == view
    assert told == refused

    return faults


@given(st.sampled_from(sorted(LOGS)), st.integers(0, 2**32), st.integers(0, 50))
@some
def test_slices_crashes_lost_replies_and_replays_do_not_show_in_the_tables(topic, seed, window):
    stored_as_the_set(topic, seed, window)


def test_every_fault_is_met():
    met = sum((stored_as_the_set(topic, seed, 50) for topic in LOGS for seed in range(30)), Counter())

    assert {fault: met[fault] for fault in FAULTS if met[fault] < 3} == {}


def test_there_are_rows_of_every_kind():
    views = [of_the_set(topic, log(Random(seed), SIZE)) for topic, log in LOGS.items() for seed in range(5)]
    signals = [view["signals"] for view, _ in views if "signals" in view]

    assert {table for view, _ in views for table in view} == {
        "signals", "minute_partials", "source_progress", "deliveries",
    }  # fmt: skip
    assert any(refused for _, refused in views)
    assert {row["revision"] for view in signals for row in view.values()} == {0, 1, 2}
