"""``tocsin tail`` over a broker: what was there in the order of time, then what comes, until Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from kafka import KafkaProducer
from msgspec.structs import replace

from agents import embedded_broker
from agents.feeding import EMBEDDED_API, producer
from pipeline.dead_letters import dead_letter
from pipeline.page_text import page
from pipeline.replay import LogRecord
from pipeline.tailing import TOPIC_OF
from schemas.codec import Malformed, encode
from schemas.topics import POSTS
from tests.contract.notifying import charger
from tests.fakes.command_line import Run, run_in_process  # noqa: F401  # a fixture
from tests.integration.stack import BRAND
from tests.integration.stack import POSTS as POSTS_PARTITIONS

pytestmark = pytest.mark.embedded
START = 1_790_000_000_000
ALERT = replace(charger(), severity="error")


@pytest.fixture(scope="module")
def bootstrap() -> Iterator[str]:
    """Alerts, pages and a dead letter on several partitions, written in turns."""
    with embedded_broker.running(POSTS_PARTITIONS, BRAND, ()) as address:
        sender = producer([address], EMBEDDED_API)
        write(sender, "alert", 0, encode(replace(ALERT, brand="one", severity="warning")), START)
        write(sender, "alert", 1, encode(replace(ALERT, brand="two")), START + 2_000)
        write(sender, "alert", 0, encode(replace(ALERT, brand="one")), START + 4_000)
        write(sender, "page", 2, encode(page(replace(ALERT, brand="two"), 1)), START + 3_000)
        letter = dead_letter(POSTS.name, 1, LogRecord(5, START, b"k", b"{"), Malformed("invalid_json", "\x1b[31m"))
        sender.send(
            letter.topic, letter.value, partition=1, headers=list(letter.headers), timestamp_ms=START + 1_000
        ).get(10)
        sender.close()
        yield address


def write(sender: KafkaProducer, kind: str, partition: int, value: bytes, at: int) -> None:
    sender.send(TOPIC_OF[kind], value, key=b"brand", partition=partition, timestamp_ms=at).get(10)


@pytest.fixture
def told(bootstrap: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line, which knows the broker."""
    monkeypatch.setenv("TOCSIN_KAFKA", bootstrap)
    monkeypatch.setenv("TOCSIN_EMBEDDED_BROKER", "true")
    return run


@pytest.fixture
def tail(told: Run) -> Callable[..., list[dict[str, object]]]:
    """What the command says, as JSON, without waiting for more."""

    def said(*options: str) -> list[dict[str, object]]:
        ended = told("tail", "--json", "--no-follow", *options)
        assert (ended.status, ended.err) == (0, "")
        return [json.loads(line) for line in ended.out.splitlines()]

    return said


def seconds(lines: list[dict[str, object]]) -> list[int]:
    return [(line["written"] - START) // 1_000 for line in lines]


def test_all_that_is_there_comes_in_the_order_of_its_times_across_topics_and_partitions(tail):
    lines = tail("--since", "2026-01-01")

    assert seconds(lines) == [0, 1, 2, 3, 4]
    assert [line["kind"] for line in lines] == ["alert", "letter", "alert", "page", "alert"]


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ("--brand two", [2, 3]),
        ("--severity error", [2, 3, 4]),
        ("--kind alert --kind letter", [0, 1, 2, 4]),
        ("--kind alert --brand one --severity error", [4]),
    ],
)
def test_only_what_is_asked_for_is_shown(tail, options: str, wanted: list[int]):
    assert seconds(tail("--since", "2026-01-01", *options.split())) == wanted


def test_it_begins_at_a_time_or_at_an_offset_and_else_now(tail):
    assert seconds(tail("--since", "2026-09-21T14:13:22Z")) == [2, 3, 4]
    assert seconds(tail("--from-offset", "social.alerts.v1/0/1")) == [4]
    assert seconds(tail("--from-offset", "social.alerts.v1/0/0", "--from-offset", "social.pages.v1/2/0")) == [0, 3, 4]
    assert seconds(tail("--since", "999999d")) == [0, 1, 2, 3, 4]
    assert tail() == []


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ("--kind alarm", "--kind alarm: known are alert, page, letter"),
        ("--severity grave", "known are info, warning, error, critical"),
        ("--since yesterday", "--since: "),
        ("--kind letter --brand one", "no --brand and no --severity"),
        ("--from-offset 4711", "write TOPIC/PARTITION/OFFSET"),
        ("--from-offset social.alerts.v1/0/9", "the partition has 0 to 2"),
        ("--from-offset social.alerts.v1/9/0", "partitions are 0 to 2"),
        ("--from-offset social.posts.v1/0/0", "topics are social.alerts.v1, "),
    ],
)
def test_what_cannot_be_is_refused_in_a_line_that_says_what_can(told: Run, options: str, complaint: str):
    ended = told("tail", "--no-follow", *options.split())

    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert complaint in ended.err


def test_it_goes_on_with_what_comes_and_ends_with_ctrl_c(bootstrap: str):
    environment = os.environ | {"TOCSIN_KAFKA": bootstrap, "TOCSIN_EMBEDDED_BROKER": "true", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "agents", "tail", "--from-offset", "social.alerts.v1/0/1"]
    heeding = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a runner in the background may have it ignored
    with subprocess.Popen(
        command,
        env=environment,
        stdout=-1,
        stderr=-1,
        text=True,
        preexec_fn=heeding,  # noqa: PLW1509  # sets a signal
    ) as process:
        first = process.stdout.readline()
        sender = producer([bootstrap], EMBEDDED_API)
        write(sender, "alert", 1, encode(replace(ALERT, brand="\x1b[2Jlater")), START + 9_000)
        sender.close()
        second = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=20)

    assert first.startswith("2026-09-21 14:13:24 ERROR    alert  ")
    assert "\ufffd[2Jlater" in second
    assert "\x1b" not in first + second
    assert (process.returncode, *rest) == (0, "", "")
