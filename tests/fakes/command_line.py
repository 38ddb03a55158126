"""The command line in this process: its exit status and what it printed."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from agents import cli

CANARY = "Y2FuYXJ5LWluLWEtY29hbC1taW5l"  # stands for a secret that must not be seen
WATCHLIST = Path(__file__).parents[2] / "deploy" / "watchlist.example.yaml"


class Ended(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture(name="run")
def run_in_process(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("TOCSIN_WATCHLIST", str(WATCHLIST))

    def main(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["tocsin", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    return main
