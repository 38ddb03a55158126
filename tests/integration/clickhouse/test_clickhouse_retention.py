"""Tables keep rows as long as the settings say, from the next look on, and as usual again when they say nothing."""

import time

import pytest
from clickhouse_connect.driver.client import Client

from agents.table_retention import Kept, differing, keep
from pipeline.retention import retention

pytestmark = pytest.mark.embedded


def test_a_new_database_is_as_the_catalogue_says(client: Client) -> None:
    assert list(differing(client, retention(""))) == []


def test_rows_older_than_the_new_days_go_and_the_others_stay(client: Client) -> None:
    for uid, days in (("young", 5), ("old", 50)):
        client.command(
            "INSERT INTO signals (post_uid, event_time, ingested_at) "
            "SELECT {uid:String}, now64(3), now64(3) - toIntervalDay({days:UInt32})",
            parameters={"uid": uid, "days": days},
        )
    changed = keep(client, retention("signals=30"))
    client.command("OPTIMIZE TABLE signals FINAL")
    deadline = time.monotonic() + 30
    while len(left := client.query("SELECT post_uid FROM signals").result_rows) > 1 and time.monotonic() < deadline:
        pass

    assert changed == [Kept("signals", 400, 30)]
    assert left == [("young",)]
    assert keep(client, retention("signals=30")) == []
    assert keep(client, retention("")) == [Kept("signals", 30, 400)]
