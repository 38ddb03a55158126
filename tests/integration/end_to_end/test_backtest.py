"""``tocsin backtest`` over what workers wrote: the brand log, a kept checkpoint, the minutes in ClickHouse."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from kafka import KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient

from agents import keeping
from agents.backtesting import COLD, NothingThere, Span, backtest
from agents.checkpoints import Mark
from agents.watchlist_file import read_watchlist
from pipeline.configuration import DETECTORS_DIGEST
from pipeline.feed import plan
from pipeline.shadow import Shadowed
from pipeline.verification import Since
from pipeline.watchlist import WatchList
from schemas.record import LATEST_MS
from schemas.topics import ALERTS, BRAND_LOG, DAY_MS, WATCH_KEPT
from tests.integration.end_to_end.test_main_job import BRAND, POSTS, SETTLE_MS, WATCHLIST, a_day, wait_until_done
from tests.integration.end_to_end.test_rules import TIMID
from tests.integration.stack import Stack


def on_command_line(stack: Stack, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "agents", "backtest", *arguments]
    environment = stack.environment | {"TOCSIN_CLICKHOUSE": f"http://{stack.clickhouse}/tocsin"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def silent(_done: int, _total: int) -> None:
    """No bar."""


def keep_checkpoints(stack: Stack) -> int:
    """A full checkpoint in the middle of each partition, as watch keeps one a day; the latest minute before one, ms."""
    producer = KafkaProducer(
        bootstrap_servers=[stack.bootstrap], enable_idempotence=False,
        **({"api_version": stack.api} if stack.api else {}),
    )  # fmt: skip
    records, closed = stack.records(BRAND_LOG.name), 0
    for partition in range(BRAND):
        log = [record for record in records if record.partition == partition]
        stage = Shadowed(partition, read_watchlist(WATCHLIST))
        stage.apply(log[: len(log) // 2])
        stage.mark_all_dirty()
        blocks, head = stage.snapshot()
        closed = max(closed, Since.of(head).closed)
        for key, value in keeping.rows(Mark(stage.next, 1, DETECTORS_DIGEST), "w", dict(blocks), head):
            producer.send(WATCH_KEPT.name, value, key=key.encode(), partition=partition).get(20)
    producer.close()
    return closed


def cut(stack: Stack, old: WatchList, new: WatchList, closed: int) -> None:
    """When the log's beginning is gone, its checkpoints are where a span may begin."""
    offsets = {}
    for partition in range(BRAND):
        log = [record for record in stack.records(BRAND_LOG.name) if record.partition == partition]
        offsets[TopicPartition(BRAND_LOG.name, partition)] = len(log) // 2
    with KafkaAdminClient(bootstrap_servers=[stack.bootstrap]) as admin:
        admin.delete_records(offsets)

    assert asyncio.run(backtest(stack.bootstrap, old, new, Span(0, LATEST_MS), silent)).since <= closed
    with pytest.raises(NothingThere, match="the log and its checkpoints begin after --from; write --from 20"):
        asyncio.run(backtest(stack.bootstrap, old, new, Span(closed - DAY_MS, LATEST_MS), silent))


@pytest.mark.embedded
@pytest.mark.kafka
def test_rules_that_wake_nobody_lose_the_page_wherever_the_past_is_read_from(stack, tmp_path: Path):
    timid, old = tmp_path / "timid.yaml", read_watchlist(WATCHLIST)
    timid.write_text(TIMID, encoding="utf-8")
    new, running = read_watchlist(timid), stack(WATCHLIST)
    running.start()
    running.feed(plan(a_day(), POSTS, 60_000, SETTLE_MS))
    wait_until_done(running, pages=2)
    alerts = [json.loads(value) for _, _, value, _ in running.topic(ALERTS.name)]
    (page,) = [alert for alert in alerts if alert["paged"] and alert["event"] != "resolved"]
    answer = on_command_line(running, "--rules", str(timid), "--out", str(tmp_path / "out"))
    minutes = on_command_line(running, "--rules", str(timid), "--minutes", "--json")
    before_the_log = on_command_line(running, "--rules", str(timid), "--from", "2020-01-01", "--to", "2020-02-01")
    closed = keep_checkpoints(running)
    warm = asyncio.run(backtest(running.bootstrap, old, new, Span(closed, LATEST_MS), silent))
    with pytest.raises(NothingThere, match="the log has minutes from"):
        asyncio.run(backtest(running.bootstrap, old, new, Span(LATEST_MS - 1, LATEST_MS), silent))

    assert answer.returncode == 0, answer.stderr
    assert "  rules.min_authors: 8 -> 1000000\n" in answer.stdout
    assert COLD in answer.stdout
    assert "Only the old rules page: what you would no longer be woken by: 1\n" in answer.stdout
    assert (tmp_path / "out" / "backtest.txt").read_text(encoding="utf-8") == answer.stdout
    found = json.loads((tmp_path / "out" / "backtest.json").read_bytes())
    (pair,) = [pair for pair in found["pairs"] if pair["old"]["paged"]]
    assert (pair["old"]["incident_id"], pair["old"]["paged"], pair["new"]["paged"]) == (
        page["incident_id"], page["at"], None,
    )  # fmt: skip
    assert [pair.old.paged for pair in warm.pairs if pair.old.paged] == [page["at"]]
    assert warm.notes == []
    assert minutes.returncode == 0, minutes.stderr
    over_minutes = json.loads(minutes.stdout)
    # In the minutes time passes, and nobody is known to have acknowledged: a critical page is asked again three times.
    assert (over_minutes["old"]["pages"], over_minutes["new"]["pages"]) == (4, 0)
    assert len(over_minutes["notes"]) >= 2
    assert before_the_log.returncode == 2
    if not running.embedded:
        cut(running, old, new, closed)
    assert "nothing lies in that span: the log has minutes from" in before_the_log.stderr
