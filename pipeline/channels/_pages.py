"""Payloads that hold many posts: each has its own verdict, and what the page says beside them goes with the first."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pipeline.channels._base import Unusable, Verdict
from pipeline.channels._fields import Fields


def judged(items: Iterable[Fields], read: Callable[[Fields], Iterable[Verdict]]) -> list[Verdict]:
    """The records of every item; one that has none is the reason why."""
    verdicts: list[Verdict] = []
    for item in items:
        try:
            verdicts += list(read(item))
        except Unusable as why:
            verdicts.append(why)
    return verdicts


def beside(verdicts: list[Verdict], name: str, rest: Mapping[str, Any]) -> list[Verdict]:
    """The verdicts, with the ``rest`` of their page in ``extra`` of the first record."""
    first = next((one for one in verdicts if not isinstance(one, Unusable)), None)
    if first is not None and rest:
        first.extra[name] = dict(rest)
    return verdicts
