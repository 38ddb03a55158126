"""Rules change without a restart, in the log: what happens next is different, and everybody can prove why."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson
import pytest

from agents.watchlist_file import read_watchlist
from pipeline.configuration import rules_digest
from pipeline.feed import Send, plan
from pipeline.hearing import Ear
from pipeline.listen import Partitions
from pipeline.replay import LogRecord, Topology
from pipeline.shadow import Shadowed
from pipeline.text.model.reader import packaged
from schemas.topics import ALERTS, BRAND_LOG, PAGES, SHADOW_ALERTS
from tests.integration.end_to_end.test_main_job import BRAND, POSTS, SETTLE_MS, WATCHLIST, a_day, wait_until_done
from tests.integration.end_to_end.test_verify import results
from tests.integration.stack import Stack

LIVELY = WATCHLIST.read_text(encoding="utf-8")
TIMID = LIVELY.replace("lateness_s: 30", "lateness_s: 30, min_authors: 1000000")


def until_first_alert(sends: Sequence[Send], watchlist: Path) -> int:
    """How many records make the first alert."""
    lists, read = read_watchlist(watchlist), 0

    def counted() -> Iterator[Send]:
        nonlocal read
        for send in sends:
            read += 1
            yield send

    topology = Topology(Partitions(POSTS, BRAND), lists, Ear(lists, packaged("full")), int(time.time() * 1000))
    next(output for output in topology.run(counted(), batch=50) if output.topic == ALERTS.name)
    return read


def said(stack: Stack, topic: str) -> list[dict]:
    return [orjson.loads(value) for _, _, value, _ in stack.topic(topic)]


def rules(stack: Stack, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "agents", "rules", *arguments]
    return subprocess.run(command, env=stack.environment, capture_output=True, text=True, check=False)


def again(stack: Stack, watchlist: Path, topic: str) -> list[bytes | None]:
    """What a topic must hold: the log of every partition read once more."""
    records = stack.records(BRAND_LOG.name)
    found: list[bytes | None] = []
    for partition in range(BRAND):
        stage = Shadowed(partition, read_watchlist(watchlist))
        log = [
            LogRecord(one.offset, one.timestamp, one.key, one.value) for one in records if one.partition == partition
        ]
        found += [output.value for output in stage.apply(log) if output.topic == topic]
    return found


@pytest.mark.embedded
@pytest.mark.parametrize("broker", ["embedded"], indirect=True)
def test_a_change_of_rules_acts_from_its_record_on_and_a_restart_with_the_old_file_does_not_undo_it(
    stack, tmp_path: Path
):
    file, shadow, first = tmp_path / "rules.yaml", tmp_path / "shadow.yaml", tmp_path / "first.yaml"
    for path, text in ((file, TIMID), (first, TIMID), (shadow, LIVELY)):
        path.write_text(text, encoding="utf-8")
    timid, lively = (rules_digest(read_watchlist(path)) for path in (file, shadow))
    running, sends = stack(file), list(plan(a_day(), POSTS, 60_000, SETTLE_MS))
    turn = until_first_alert(sends, file) + 100
    running.start(shadow_rules=str(shadow))
    running.wait(lambda: b"shadow-rules" in {one.key for one in running.records(BRAND_LOG.name)}, 30, "no shadow began")
    running.feed(sends[:turn], max_lag=len(sends))
    running.wait(lambda: running.settled() and said(running, ALERTS.name), 60, "the first part was not worked off")
    before, pages_before = said(running, ALERTS.name), said(running, PAGES.name)
    file.write_text(LIVELY, encoding="utf-8")
    in_force = f"rules {lively}, shadow {lively}"
    running.wait(lambda: rules(running, "show").stdout.count(in_force) == BRAND, 60, "the change was not told")
    running.kill()
    file.write_text(TIMID, encoding="utf-8")
    running.start(shadow_rules=str(shadow))
    running.feed(sends[turn:], max_lag=len(sends))
    wait_until_done(running, pages=2)
    after = [alert for alert in said(running, ALERTS.name) if alert not in before]
    shadows = [value for _, _, value, _ in running.topic(SHADOW_ALERTS.name)]
    stored = running.query("SELECT count(), countIf(paged) > 0 FROM shadow_alerts FINAL")
    told = running.query("SELECT DISTINCT digest FROM rules FINAL")
    verified = results(running, first)

    assert pages_before == []
    assert {alert["rules"] for alert in before} == {timid}
    assert {alert["rules"] for alert in after} == {lively}
    assert [page["alert"]["rules"] for page in said(running, PAGES.name)] == [lively] * 2
    assert b"older_than_log" in running.log.read_bytes()
    assert all(result.ok for result in verified)
    assert sum(result.same[SHADOW_ALERTS.name] for result in verified) == len(set(shadows)) > 0
    assert {orjson.loads(value)["rules"] for value in shadows} == {lively}
    assert stored == [(len(set(shadows)), True)]
    assert {row[0] for row in told} == {timid, lively}
    for topic in (ALERTS.name, SHADOW_ALERTS.name):
        values = list(dict.fromkeys(value for _, _, value, _ in running.topic(topic)))
        assert again(running, first, topic) == again(running, first, topic) == values


@pytest.mark.kafka
@pytest.mark.embedded
def test_rules_are_applied_by_hand_and_what_needs_a_restart_is_refused(stack, tmp_path: Path):
    file, other = tmp_path / "rules.yaml", tmp_path / "other.yaml"
    file.write_text(LIVELY, encoding="utf-8")
    running = stack(file)
    running.start()
    running.wait(lambda: "none, shadow" not in rules(running, "show").stdout, 30, "the worker did not say its rules")
    same = rules(running, "apply", str(file))
    other.write_text(TIMID, encoding="utf-8")
    applied = rules(running, "apply", str(other), "--reason", "quieter nights")
    shown = rules(running, "show")
    other.write_text(LIVELY.replace("bucket_s: 60", "bucket_s: 30"), encoding="utf-8")
    refused = rules(running, "apply", str(other))
    other.write_text("brands: [", encoding="utf-8")
    broken = rules(running, "apply", str(other))
    nothing = rules(running, "end-shadow")
    other.write_text(LIVELY, encoding="utf-8")
    begun, shadowed = rules(running, "apply", "--shadow", str(other)), rules(running, "show")
    ended, gone = rules(running, "end-shadow"), rules(running, "show")
    running.wait(
        lambda: running.query("SELECT count() FROM rules FINAL WHERE reason = 'quieter nights'")[0][0] == 1, 30, ""
    )

    assert same.stdout == "these rules are in force already; nothing to do\n"
    assert "  rules.min_authors: 8 -> 1000000\n" in applied.stdout
    assert "acknowledged by all 3 partitions" in applied.stdout
    assert shown.stdout.count("partition ") == BRAND
    assert "min_authors 1e+06" in shown.stdout
    assert (refused.returncode, broken.returncode) == (2, 2)
    assert "restart the workers" in refused.stderr
    assert "other.yaml:1: this is not YAML" in broken.stderr
    assert nothing.stdout == "there are no shadow rules; nothing to do\n"
    assert begun.stdout.startswith("rules none -> ")
    assert (shadowed.stdout.count("shadow none"), gone.stdout.count("shadow none")) == (0, BRAND)
    assert "acknowledged by all 3 partitions" in ended.stdout
