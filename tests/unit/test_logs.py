"""A log line is one JSON object whatever a value holds, ours and the libraries' alike."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from agents import logs

NASTY = 'first\nsecond\r\x1b[31mred\x1b[0m\u2028\u2029\x85\x00\x07\u202e{"event": "forged"}'


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    for name in logs.NOISY:
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.reset_defaults()


def line(captured: pytest.CaptureFixture[str]) -> tuple[str, dict[str, object]]:
    """The only line on standard error, and what it says."""
    out, err = captured.readouterr()
    (only,) = err.splitlines()  # splits at every Unicode line break

    assert out == ""
    return only, json.loads(only)


@pytest.mark.parametrize("who", ["ours", "library", "argument"])
def test_a_value_never_breaks_a_line_or_paints_a_terminal(capsys: pytest.CaptureFixture[str], who: str):
    logs.configure("INFO")
    if who == "ours":
        structlog.get_logger("tests").warning("something", detail=NASTY)
    else:
        logging.getLogger("some.library").warning(*([NASTY] if who == "library" else ["%s", NASTY]))
    raw, said = line(capsys)

    assert raw.isascii()
    assert raw.isprintable()
    assert said["detail" if who == "ours" else "event"] == NASTY


def test_a_line_says_when_who_and_how_bad(capsys: pytest.CaptureFixture[str]):
    logs.configure("INFO")
    structlog.get_logger("agents.worker").error("worker_gives_up", reason="why")
    _, said = line(capsys)

    assert said.pop("timestamp").endswith("Z")  # type: ignore[attr-defined]  # a string
    assert said == {"event": "worker_gives_up", "reason": "why", "level": "error", "logger": "agents.worker"}


def test_a_traceback_stays_in_its_line(capsys: pytest.CaptureFixture[str]):
    logs.configure("INFO")
    try:
        int(NASTY)
    except ValueError:
        logging.getLogger("faust.agents").exception("agent died")
    _, said = line(capsys)

    assert "Traceback" in str(said["exception"])


@pytest.mark.parametrize(("name", "shown"), [("faust", False), ("aiokafka.consumer", False), ("agents.worker", True)])
def test_libraries_are_heard_from_warnings_on(capsys: pytest.CaptureFixture[str], name: str, shown: bool):
    logs.configure("INFO")
    logging.getLogger(name).info("about itself")
    quiet = capsys.readouterr().err == ""
    logging.getLogger(name).warning("trouble")

    assert quiet is not shown
    assert line(capsys)[1]["event"] == "trouble"


def test_below_the_level_nothing_is_said(capsys: pytest.CaptureFixture[str]):
    logs.configure("ERROR")
    structlog.get_logger("agents.worker").warning("hm")
    logging.getLogger("faust").warning("hm")

    assert capsys.readouterr().err == ""
