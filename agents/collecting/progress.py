"""How a collector is doing, on standard error: a line that moves on a terminal, an event now and then in a log."""

import sys
from collections.abc import Sequence

import structlog

from agents.collecting.delivery import Delivery

TELL_S = 30.0  # between events of a log

_log = structlog.get_logger(__name__)


class Progress:
    """Payloads a second, lag and cursor of all streams together."""

    def __init__(self, source: str) -> None:
        self._source, self._taken = source, 0
        self._told: float | None = None

    def tell(self, now_s: float, deliveries: Sequence[Delivery]) -> None:
        """Tell it, if it is time; ``now_s`` is of a monotonic clock."""
        taken = sum(delivery.taken for delivery in deliveries)
        lag_s = max(delivery.lag_s for delivery in deliveries)
        cursor = max((delivery.safe or "" for delivery in deliveries), key=len)
        terminal = sys.stderr.isatty()
        if self._told is None:
            self._told = now_s
            return
        passed = now_s - self._told
        if passed < (1.0 if terminal else TELL_S):
            return
        rate, self._taken, self._told = (taken - self._taken) / passed, taken, now_s
        if terminal:
            line = f"{self._source}: {taken:,} payloads, {rate:,.0f} a second, {lag_s:,.1f} s behind, cursor {cursor}"
            sys.stderr.write(f"\r\x1b[K{ascii(line)[1:-1][:160]}")
            sys.stderr.flush()
        else:
            _log.info(
                "collecting", source=self._source, payloads=taken, per_second=round(rate, 1), lag_s=round(lag_s, 1),
                cursor=cursor[:200],
            )  # fmt: skip
