"""What verifying a partition found, and how it is told."""

from collections.abc import Iterator
from typing import NamedTuple

SHOWN = 30  # fields of a difference


class Difference(NamedTuple):
    """The first record that is not as the log decides it. Addresses are topic/partition/offset, "" where none is."""

    topic: str
    decided_by: str  # record of the brand log
    found_at: str
    fields: list[str]

    def lines(self) -> Iterator[str]:
        """What differs where, one line each."""
        if not self.decided_by:
            yield f"{self.found_at} is not what the log decides next:"
        elif not self.found_at:
            yield f"{self.topic} lacks what {self.decided_by} decides:"
        else:
            yield f"{self.found_at} is not what {self.decided_by} decides:"
        yield from (f"  {field}" for field in self.fields[:SHOWN])
        if len(self.fields) > SHOWN:
            yield f"  and {len(self.fields) - SHOWN} more"
        if any(field.startswith(("rules:", "alert.rules:")) for field in self.fields) and self.decided_by:
            yield "  it was decided by other rules or detectors: verify with the version of Tocsin of that time"


class PartitionResult(NamedTuple):
    """What was verified of one partition of the brand log. Offsets are of that log, ends are exclusive.

    What ``verified`` decides must stand; what comes after it, up to ``end``, has no checkpoint yet, so that its records
    may be missing, but none may differ. ``same`` and ``gone`` count records by topic: those that stand as decided, and
    those that retention has removed.
    """

    partition: int
    verified: tuple[int, int]
    uncovered: tuple[int, int]  # there is no checkpoint from which these could be verified
    end: int
    same: dict[str, int]
    gone: dict[str, int]
    difference: Difference | None

    @property
    def ok(self) -> bool:
        """Nothing differs, and something was verified unless there is nothing to verify."""
        return self.difference is None and (bool(self.same) or self.uncovered[0] == self.uncovered[1])

    def lines(self) -> Iterator[str]:
        """The result for people, one line each."""
        name = f"partition {self.partition}"
        if self.same:
            counts = ", ".join(f"{count} {_short(topic)}" for topic, count in self.same.items())
            verdict = "DIFFERENT" if self.difference else "identical"
            yield f"{name}: {_range(self.verified)} verified: {verdict}: {counts}"
        if self.uncovered[0] < self.uncovered[1]:
            yield f"{name}: {_range(self.uncovered)} not verified: no checkpoint of these detectors covers them"
        if self.verified[1] < self.end:
            yield f"{name}: {_range((self.verified[1], self.end))} come after the last checkpoint of watch"
        if any(self.gone.values()):
            counts = ", ".join(f"{count} {_short(topic)}" for topic, count in self.gone.items() if count)
            yield f"{name}: retention has removed {counts}"
        if self.difference:
            yield from self.difference.lines()


def _short(topic: str) -> str:
    return topic.split(".")[1]


def _range(offsets: tuple[int, int]) -> str:
    begin, end = offsets
    return f"offsets {begin} to {end - 1}" if begin < end else "no offsets"
