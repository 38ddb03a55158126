"""Named crash points, one at each durable boundary: a worker that is armed with one ends there, as in a power cut."""

import os
import re
import sys
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

import structlog

CrashPoint = Literal[
    "restoring",  # partitions were assigned, their checkpoints are not read yet
    "restored",  # read, not installed
    "batch fetched",
    "batch folded",  # the state has changed, its outputs are queued
    "outputs queued",  # a checkpoint begins
    "outputs acknowledged",
    "blocks acknowledged",
    "checkpoint kept",  # a full copy for `tocsin verify`; watch on a real Kafka does that
    "manifest acknowledged",  # not committed yet
    "tombstones sent",
    "draining",  # told to stop
    "before insert",
    "after insert",  # the rows are in ClickHouse, the batch is not committed
    "before dead letter",
    "after dead letter",
    "before page",
    "after page",  # delivered, and nobody was told
]
Fault = Callable[[CrashPoint], None]  # told of every point that is passed

_STORE: tuple[CrashPoint, ...] = ("before insert", "after insert", "before dead letter", "after dead letter")
_PAGE: tuple[CrashPoint, ...] = ("before page", "after page")
_WATCH: tuple[CrashPoint, ...] = tuple(point for point in get_args(CrashPoint) if point not in {*_STORE, *_PAGE})
_LISTEN: tuple[CrashPoint, ...] = tuple(point for point in _WATCH if point != "checkpoint kept")
POINTS: Mapping[str, tuple[CrashPoint, ...]] = MappingProxyType(
    {
        "adapt": _LISTEN,
        "forget": _LISTEN,
        "listen": _LISTEN,
        "endorse": _LISTEN,
        "influence": _LISTEN,
        "spread": _LISTEN,
        "watch": _WATCH,
        "store": _STORE,
        "page": _PAGE,
    }
)
KILLED = 137  # the exit status of a process that was sent SIGKILL, as a shell tells it
_FORM = re.compile(r"(?:(?P<stage>\w+): *)?(?P<point>[a-z ]+)(?::(?P<nth>[1-9]\d*))?")
_log = structlog.get_logger(__name__)


class Armed(NamedTuple):
    """Where to end: at the ``nth`` passage of ``point`` by ``stage``, of which "" means any."""

    stage: str
    point: str
    nth: int


def armed(text: str) -> Armed | None:
    """What ``[stage: ]point[:nth]`` says; None for an empty text.

    Raises:
        ValueError: there is no such point; the text lists those there are.
    """
    if not text:
        return None
    found = _FORM.fullmatch(text)
    stage, point = (found["stage"] or "", found["point"]) if found else ("", "")
    if not found or point not in (POINTS.get(stage, ()) if stage else get_args(CrashPoint)):
        known = "; ".join(f"{name}: {', '.join(points)}" for name, points in POINTS.items())
        raise ValueError(f"a crash point is [stage: ]point[:nth]; known are {known}")
    return Armed(stage, point, int(found["nth"] or 1))


class CrashPoints:
    """Ends the process with ``die`` at the armed point, and does nothing at any other."""

    def __init__(self, text: str, die: Callable[[int], object] = os._exit) -> None:
        self._armed, self._die, self._passed = armed(text), die, 0

    def of(self, stage: str) -> Fault:
        """What a stage calls at each point that it passes."""
        return partial(self._pass, stage)

    def _pass(self, stage: str, point: CrashPoint) -> None:
        if self._armed is None or point != self._armed.point or self._armed.stage not in {"", stage}:
            return
        self._passed += 1
        if self._passed == self._armed.nth:
            _log.critical("crash_point", stage=stage, point=point, nth=self._armed.nth)
            sys.stderr.flush()
            self._die(KILLED)
