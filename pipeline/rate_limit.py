"""How long to wait so that no more than so many of something happen in a second."""


class RateLimit:
    """A bucket of tokens: ``rate`` a second (0: any number), and a second's worth at once after a pause."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._tokens, self._at = rate, 0.0

    def wait_s(self, now_s: float) -> float:
        """Take one token at the moment ``now_s`` of a monotonic clock; seconds until it may be used."""
        if self._rate <= 0:
            return 0.0
        self._tokens = min(self._rate, self._tokens + max(0.0, now_s - self._at) * self._rate)
        self._at = max(self._at, now_s)
        self._tokens -= 1
        return max(0.0, -self._tokens / self._rate)
