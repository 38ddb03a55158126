"""The store under crashes, lost replies and replays, on the real engine: what a reader sees is that of the model."""

from collections import Counter
from random import Random

import pytest
from clickhouse_connect.driver.client import Client
from faust.types import TP

from agents.store import inserter
from pipeline.replay import LogRecord
from schemas.topics import BRAND_LOG, SIGNALS
from tests.store_log import REFUSED, brand_log, of_the_set, signals_log, store_through

pytestmark = pytest.mark.embedded
SIZE = 60
COLUMNS = {  # what is compared: keys, versions and numbers
    "signals": ("post_uid", "revision", "text", "source_offset"),
    "minute_partials": ("brand", "facet", "source", "offset", "posts", "complaints", "late"),
    "source_progress": ("source", "offset", "read"),
    "deliveries": ("page_id", "target", "attempts", "status"),
}


def acceptable(log: list[LogRecord]) -> list[LogRecord]:
    """Without what only the model refuses."""
    return [record for record in log if REFUSED not in (record.value or b"")]


@pytest.mark.parametrize("seed", range(2))
def test_readers_see_the_set_of_the_inputs(client: Client, seed: int) -> None:
    rng, faults = Random(seed), Counter[str]()
    logs = {SIGNALS.name: acceptable(signals_log(rng, 2 * SIZE)), BRAND_LOG.name: brand_log(rng, SIZE)}
    expected: dict[str, list[tuple]] = {}
    for topic, log in logs.items():
        store_through(rng, TP(topic, 0), log, inserter(client), faults)
        view, _ = of_the_set(topic, log)
        for table, rows in view.items():
            expected[table] = sorted(tuple(row[name] for name in COLUMNS[table]) for row in rows.values())
    read = {
        table: sorted(map(tuple, client.query(f"SELECT {', '.join(COLUMNS[table])} FROM {table} FINAL").result_rows))
        for table in expected
    }

    assert read == expected
    assert faults["moved back"]
    assert faults["no reply"]
    assert sum(number for fault, number in faults.items() if "insert" in fault)
