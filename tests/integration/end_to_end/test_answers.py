"""Responders answer a whole Tocsin: an ack ends the asking, a silence keeps the page back, `tocsin why` says so."""

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from pipeline.feed import Send, plan
from schemas.alert import Page
from tests.integration.end_to_end.test_main_job import POSTS, SETTLE_MS, WATCHLIST, a_day, replayed
from tests.integration.stack import Stack

pytestmark = pytest.mark.embedded
BRAND, ACK_S = "zelvo", 2
MINUTE = 60_000


class Crisis:
    """A day in two pieces, cut a few minutes after the moment in which its crisis pages."""

    def __init__(self, make, folder: Path) -> None:
        watchlist = folder / "impatient.yaml"
        text = WATCHLIST.read_text(encoding="utf-8").replace("lateness_s: 30", f"lateness_s: 30, ack_s: {ACK_S}")
        watchlist.write_text(text, encoding="utf-8")
        day = a_day()
        first = next(msgspec.json.decode(value, type=Page) for value in replayed(day, "social.pages.v1"))
        sends = list(plan(day, POSTS, MINUTE, SETTLE_MS))
        self.paged_at = first.at
        self.before = [send for send in sends if send.at < first.at - 30 * MINUTE]
        self.begin = [send for send in sends if first.at - 30 * MINUTE <= send.at < first.at + 3 * MINUTE]
        self.rest = [send for send in sends if send.at >= first.at + 3 * MINUTE]
        self.stack: Stack = make(watchlist)

    def feed(self, sends: list[Send]) -> None:
        """Append, and wait until it is worked off."""
        self.stack.feed(sends)
        self.stack.wait(self.stack.settled, 120, "the feed was not worked off")

    def tocsin(self, *arguments: str) -> str:
        """What a command says; it must succeed."""
        command = [sys.executable, "-m", "agents", *arguments]
        done = subprocess.run(command, env=self.stack.environment, capture_output=True, text=True, check=False)

        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def why(self, *options: str) -> str:
        """Why the minute in which the crisis pages did, or did not."""
        minute = datetime.fromtimestamp((self.paged_at - MINUTE) / 1000, UTC)
        return self.tocsin("why", BRAND, f"{minute:%Y-%m-%dT%H:%M}", *options)

    def pages(self) -> list[str]:
        """Reasons of the pages that woke somebody, each once."""
        values = dict.fromkeys(value for _, _, value, _ in self.stack.topic("social.pages.v1"))
        pages = [msgspec.json.decode(value or b"", type=Page) for value in values]
        return [page.alert.reason for page in pages if page.action == "trigger"]

    def wait_for_answers_to_be_overdue(self) -> None:
        """Until every page so far has waited for longer than ``ack_s``."""
        since = time.time()
        self.stack.wait(lambda: time.time() > since + ACK_S, 30, "time stands still")


@pytest.fixture
def crisis(stack, tmp_path: Path) -> Crisis:
    return Crisis(stack, tmp_path)


@pytest.mark.parametrize("broker", ["embedded"], indirect=True)
def test_a_page_without_an_answer_rings_again_and_why_says_what_paged(crisis: Crisis) -> None:
    crisis.stack.start()
    crisis.feed(crisis.before + crisis.begin)
    before = crisis.pages()
    crisis.wait_for_answers_to_be_overdue()
    crisis.feed(crisis.rest)
    told = crisis.why()

    assert before == ["first"]
    assert crisis.pages()[:2] == ["first", "unacknowledged"]
    assert "Paged: first page of incident " in told
    assert ": ALARM" in told
    assert crisis.why("--log", "kafka") == told
    assert "已呼叫：事件 " in crisis.why("--lang", "zh")


@pytest.mark.parametrize("broker", ["embedded"], indirect=True)
def test_an_acknowledged_page_does_not_ring_again(crisis: Crisis) -> None:
    crisis.stack.start()
    crisis.feed(crisis.before + crisis.begin)
    said = crisis.tocsin("ack", BRAND, "--by", "Mei", "--reason", "on it")
    crisis.wait_for_answers_to_be_overdue()
    crisis.feed(crisis.rest)

    assert "Mei acknowledged incident " in said
    assert crisis.pages() == ["first"]
    assert "Mei acknowledged incident " in crisis.why()


@pytest.mark.parametrize("broker", ["embedded"], indirect=True)
def test_a_silence_keeps_the_page_back_and_why_says_whose_it_was(crisis: Crisis) -> None:
    crisis.stack.start()
    crisis.feed(crisis.before)
    crisis.tocsin("silence", BRAND, "--for", "1h", "--by", "Mei", "--reason", "known")
    crisis.feed(crisis.begin)
    crisis.stack.kill()
    crisis.stack.start()
    crisis.feed(crisis.rest)
    told = crisis.why()
    kept = crisis.stack.query("SELECT count() > 0 FROM decisions FINAL WHERE reason = 'silenced' AND by = 'Mei'")

    assert crisis.pages() == []
    assert kept == [(True,)]
    assert "Not paged: Mei had silenced it until " in told
    assert ": known (silence " in told
    assert crisis.why("--log", "kafka") == told
    assert crisis.tocsin("verify").count("identical") == 3
