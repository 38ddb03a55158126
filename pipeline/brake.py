"""The brake: when most of a partition is unreadable, stop instead of draining it into the dead letters."""

from dataclasses import dataclass

from pipeline.stage import Poisoned


@dataclass(slots=True)
class Brake:
    """Counts good and bad records of one partition, and raises ``Poisoned`` over a limit (arroyo's DlqLimit).

    ``window`` records are judged together: more than ``max_ratio`` of them bad stops; so do ``max_consecutive`` bad
    ones in a row. The counts are not checkpointed: a restart gets a fresh window.
    """

    max_ratio: float = 0.5
    window: int = 500
    max_consecutive: int = 400
    seen: int = 0
    bad: int = 0
    in_a_row: int = 0

    def good(self, count: int = 1) -> None:
        """Count consecutive readable records."""
        if count:
            self.in_a_row = 0
            self._count(count)

    def reject(self, where: str) -> None:
        """Count one bad record; ``where`` names it for the operator.

        Raises:
            Poisoned: the limit is passed.
        """
        self.in_a_row += 1
        self.bad += 1
        if self.in_a_row >= self.max_consecutive:
            raise Poisoned(f"{self.in_a_row} unreadable records in a row, the last is {where}")
        if self.bad > self.max_ratio * self.window:
            raise Poisoned(f"{self.bad} of the last {self.seen + 1} records are unreadable, the last is {where}")
        self._count(1)

    def _count(self, count: int) -> None:
        self.seen += count
        if self.seen >= self.window:
            self.seen %= self.window
            self.bad = 0
