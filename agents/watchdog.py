"""Ends a worker without assignment or progress although there is lag: Faust can stall alive, a supervisor restarts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

UNASSIGNED_S = 60.0  # a rebalance that takes longer has failed


class Vital(Protocol):
    """What the watchdog sees of a stage."""

    settled: float  # monotonic time of the last assignment; 0 while there is none

    def reached(self) -> int:
        """A number that grows with progress."""

    def lag(self) -> int:
        """Records waiting."""


@dataclass(slots=True)
class Pulse:
    """The last signs of life of one stage."""

    name: str
    vital: Vital
    moved: float  # monotonic time of the last progress, or of having nothing to do
    reached: int = 0
    lag: int = 0
    assigned: float = 0.0

    def look(self, now: float) -> None:
        """Take the pulse."""
        reached, self.lag = self.vital.reached(), self.vital.lag()
        if reached != self.reached or self.lag == 0 or getattr(self.vital, "acting", False):
            self.reached, self.moved = reached, now
        if self.vital.settled:
            self.assigned = now


@dataclass(slots=True)
class Watchdog:
    """Judges the pulses of all stages of a worker."""

    stuck_s: float
    pulses: list[Pulse] = field(default_factory=list)

    def watch(self, stages: Sequence[tuple[str, Vital]], now: float) -> None:
        """Begin to watch."""
        self.pulses = [Pulse(name, vital, moved=now, assigned=now) for name, vital in stages]

    def verdict(self, now: float) -> str:
        """Why this worker must end, or an empty string."""
        for pulse in self.pulses:
            pulse.look(now)
            if now - pulse.assigned > UNASSIGNED_S:
                return f"{pulse.name}: no assignment for {UNASSIGNED_S:.0f} s"
            if now - pulse.moved > self.stuck_s:
                return f"{pulse.name}: no progress for {self.stuck_s:.0f} s although {pulse.lag} records wait"
        return ""
