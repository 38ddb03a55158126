"""How many messages a target takes: so many in any minute, and so many at a time."""

from collections import deque

MINUTE_MS = 60_000


class Pacing:
    """Counts what was begun within the last minute. ``per_minute`` 0: any number."""

    def __init__(self, per_minute: int, at_once: int) -> None:
        self._per_minute, self._at_once = per_minute, at_once
        self._begun: deque[int] = deque()
        self._under_way = 0

    def begin(self, at: int) -> bool:
        """Take a turn at ``at``, ms, if there is one. What was begun in the future is of a clock that was put back."""
        while self._begun and not at - MINUTE_MS < self._begun[0] <= at:
            self._begun.popleft()
        if self._under_way >= self._at_once or (self._per_minute and len(self._begun) >= self._per_minute):
            return False
        self._under_way += 1
        if self._per_minute:
            self._begun.append(at)
        return True

    def end(self) -> None:
        """Give the turn back."""
        self._under_way -= 1
