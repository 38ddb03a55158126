"""``tocsin verify`` over what workers wrote: from the log's beginning, from a kept checkpoint, and after a forgery."""

import asyncio
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from kafka import KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient

from agents.verifying import verify
from agents.watchlist_file import read_watchlist
from pipeline.feed import Send, plan
from schemas.topics import ALERTS, BRAND_LOG, MINUTES, PAGES
from tests.integration.end_to_end.test_main_job import POSTS, SETTLE_MS, WATCHLIST, a_day, wait_until_done
from tests.integration.stack import Stack


def on_command_line(stack: Stack) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "agents", "verify"]
    return subprocess.run(command, env=stack.environment, capture_output=True, text=True, check=False)


def crash(stack: Stack, sends: list[Send]) -> None:
    """A worker that is killed when it has closed minutes of ``sends`` and written no checkpoint of them."""
    stack.start(watch_checkpoint_s="3600")
    stack.feed(sends, max_lag=len(sends))
    stack.wait(lambda: bool(stack.topic(MINUTES.name)), 120, "no minute was closed")
    stack.kill()


def results(stack: Stack, watchlist: Path):
    return asyncio.run(verify(stack.bootstrap, read_watchlist(watchlist)))


def repeats(stack: Stack, topic: str) -> int:
    """Records beyond the first of each."""
    values = [(partition, value) for partition, _, value, _ in stack.topic(topic)]
    return len(values) - len(set(values))


def forge(stack: Stack) -> str:
    """Append an alert that the log does not decide, made from one that it does; its address."""
    partition, offset, value, _ = stack.topic(ALERTS.name)[-1]
    forged = orjson.dumps(orjson.loads(value) | {"severity": "info"})
    producer = KafkaProducer(
        bootstrap_servers=[stack.bootstrap], enable_idempotence=False,
        **({"api_version": stack.api} if stack.api else {}),
    )  # fmt: skip
    producer.send(ALERTS.name, forged, key=b"zelvo", partition=partition).get(20)
    producer.close()
    return f"{ALERTS.name}/{partition}/{offset + 1}"


@pytest.mark.embedded
@pytest.mark.parametrize("broker", ["embedded"], indirect=True)
def test_what_a_crashed_worker_wrote_is_identical_until_an_alert_is_forged(stack):
    running, sends = stack(WATCHLIST), list(plan(a_day(), POSTS, 60_000, SETTLE_MS))
    crash(running, sends[: len(sends) // 2])
    running.start()
    running.feed(sends[len(sends) // 2 :])
    wait_until_done(running, pages=2)
    repeated, before = repeats(running, MINUTES.name), on_command_line(running)
    found = results(running, WATCHLIST)
    forged = forge(running)
    after = on_command_line(running)

    assert repeated > 0
    assert before.returncode == 0, before.stdout + before.stderr
    assert before.stdout.count("identical") == 3
    assert "DIFFERENT" not in before.stdout
    assert all(result.ok and result.verified[0] == 0 and result.uncovered == (0, 0) for result in found)
    assert sum(result.same[ALERTS.name] for result in found) >= 2
    assert sum(result.same[PAGES.name] for result in found) == 2
    assert after.returncode == 1
    assert f"{forged} is not what the log decides next:" in after.stdout
    assert '  severity: found "info"' in after.stdout


@pytest.mark.kafka
@pytest.mark.parametrize("broker", ["kafka"], indirect=True)
def test_a_change_of_rules_is_in_the_log_and_where_its_beginning_is_gone_a_kept_checkpoint_stands(
    stack, tmp_path: Path
):
    changed = tmp_path / "changed.yaml"
    rules = WATCHLIST.read_text(encoding="utf-8").replace("lateness_s: 30", "lateness_s: 30, pages_per_week: 2")
    changed.write_text(rules, encoding="utf-8")
    running, sends = stack(WATCHLIST), list(plan(a_day(), POSTS, 60_000, SETTLE_MS))
    running.start()
    running.feed(sends[: len(sends) // 2])
    running.wait(running.settled, 60, "the first half was not worked off")
    running.stop()
    running.environment["TOCSIN_WATCHLIST"] = str(changed)
    running.start()
    running.feed(sends[len(sends) // 2 :])
    wait_until_done(running, pages=2)
    running.stop()
    new, old = results(running, changed), results(running, WATCHLIST)
    with KafkaAdminClient(bootstrap_servers=[running.bootstrap]) as admin:
        admin.delete_records({TopicPartition(BRAND_LOG.name, result.partition): 1 for result in new})
    cut = results(running, changed)

    assert new == old
    assert all(result.ok and result.verified == (0, result.end) for result in new)
    assert sum(result.same[PAGES.name] for result in new) == 2
    assert all(result.ok and result.uncovered[0] == 1 <= result.verified[0] < result.end for result in cut)
    assert sum(result.same[PAGES.name] for result in cut) == 2
