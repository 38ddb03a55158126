"""Payloads that hold many posts: each has its own verdict, and what the page says beside them goes with the first."""

from collections.abc import Callable, Iterable

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


def beside(verdicts: list[Verdict], page: Fields) -> list[Verdict]:
    """The verdicts, with what is left of their page in ``extra.page`` of the first record."""
    first = next((one for one in verdicts if not isinstance(one, Unusable)), None)
    if first is not None and (rest := page.rest()):
        first.extra["page"] = rest | first.extra.get("page", {})
    return verdicts
