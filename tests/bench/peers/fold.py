"""What every implementation of workload W computes, and how it reports: the standard library and orjson alone."""

import json
import math
import re
import resource
import sys
import time
from typing import Any, NamedTuple

import orjson

NEGATIVE = (
    "terrible",
    "refund",
    "broken",
    "scam",
    "angry",
    "投诉",
    "退款",
    "差评",
    "垃圾",
    "骗子",
    "太差",
    "客訴",
    "退貨",
)
POSITIVE = ("love", "great", "thanks", "好评", "喜欢", "推荐", "满意")
WINDOW_MS, DECAY_MS = 60_000, 3_600_000.0
_WEIGHTS = dict.fromkeys(NEGATIVE, -1.0) | dict.fromkeys(POSITIVE, 1.0)
_find = re.compile("|".join(map(re.escape, _WEIGHTS))).findall


class Task(NamedTuple):
    """What one run must read and where it writes. ``ends`` are the offsets after the last record, by partition."""

    bootstrap: str
    run: str  # names consumer groups, state and topics of its own
    posts: str
    interactions: str
    windows: str
    post_ends: list[int]
    interaction_ends: list[int]
    states: list[str]  # compacted topics for checkpoints, where there are any
    end_ms: int  # scores are compared as of then

    @property
    def events(self) -> int:
        """Records there are."""
        return sum(self.post_ends) + sum(self.interaction_ends)


def task() -> Task:
    """The task that the first argument holds as JSON."""
    return Task(**json.loads(sys.argv[1]))


def score(text: str) -> float:
    """Happy words less unhappy ones."""
    total = 0.0
    for word in _find(text):
        total += _WEIGHTS[word]
    return total


def decayed(value: float, since: int, now: int) -> float:
    """A score of an earlier time as of now, ms."""
    return value * math.exp((since - now) / DECAY_MS)


def written(brand: str, minute: int, posts: int, total: float, negatives: int) -> bytes:
    """A closed window as it is produced; ``minute`` counts from 1970."""
    return orjson.dumps({"brand": brand, "minute": minute, "posts": posts, "score": total, "negatives": negatives})


class Windows:
    """The open window of every brand, in a plain dict."""

    def __init__(self) -> None:
        self._open: dict[str, list[Any]] = {}

    def add(self, post: dict[str, Any]) -> bytes | None:
        """Count a post; the window that it closes, if it does."""
        total, brand, minute = score(post["text"]), post["brand"], post["ts"] // WINDOW_MS
        window, closed = self._open.get(brand), None
        if window is None or window[0] < minute:
            closed = window and written(brand, *window)
            window = self._open[brand] = [minute, 0, 0.0, 0]
        window[1] += 1
        window[2] += total
        if total < 0:
            window[3] += 1
        return closed


class Scores:
    """Score and time of every author, in a plain dict."""

    def __init__(self) -> None:
        self.held: dict[str, list[float]] = {}

    def add(self, interaction: dict[str, Any]) -> None:
        """Count an interaction."""
        author, at, held = interaction["author"], interaction["ts"], self.held
        known = held.get(author)
        if known is None:
            held[author] = [interaction["w"], at]
        else:
            known[0] = known[0] * math.exp((known[1] - at) / DECAY_MS) + interaction["w"]
            known[1] = at

    def sum(self, now: int) -> float:
        """All scores together as of a time, ms."""
        return sum(decayed(value, int(since), now) for value, since in self.held.values())


class Meter:
    """Wall and CPU seconds from the first record to the last, without pauses."""

    def __init__(self) -> None:
        self._since = self._spent = self._seconds = self._cpu_s = self._ended = 0.0
        self._began = 0.0

    def start(self) -> None:
        """A record is here: measure from now on, unless it does already."""
        if not self._since:
            self._since, self._spent = time.time(), cpu()
            self._began = self._began or self._since

    def pause(self) -> None:
        """Measure no more until the next record."""
        if self._since:
            self._ended = time.time()
            self._seconds += self._ended - self._since
            self._cpu_s += cpu() - self._spent
            self._since = 0.0

    def report(self, events: int, authors: int, total: float) -> None:
        """Print what the bench reads: the last line of the output."""
        self.pause()
        said = {
            "began": self._began, "ended": self._ended, "seconds": self._seconds, "cpu_s": self._cpu_s,
            "events": events, "authors": authors, "total": total,
            "rss_mb": peak_mb(),
        }  # fmt: skip
        sys.__stdout__.write(f"\n{json.dumps(said)}\n")  # a framework may have taken sys.stdout for its log
        sys.__stdout__.flush()


def peak_mb() -> float:
    """Most memory that this process held, MB; ``getrusage`` would tell that of the process it was forked from."""
    with open("/proc/self/status", encoding="ascii") as file:  # noqa: PTH123  # a file of the kernel
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024


def cpu() -> float:
    """CPU seconds of this process with its threads and ended children."""
    return sum(
        one.ru_utime + one.ru_stime for one in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
