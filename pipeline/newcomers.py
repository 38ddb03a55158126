"""Brands named for the first time: they take what is usual from brands of the same log that are known already."""

from pipeline.series import Series

MOST = 32  # peers a newcomer learns from


class Newcomers:
    """Peers are the ``MOST`` oldest brands, chosen once a minute: thousands may come at once."""

    __slots__ = ("_minute", "_peers")

    def __init__(self) -> None:
        self._minute, self._peers = -1, tuple[Series, ...]()

    def join(self, watched: dict[str, Series], brand: str, minute: int) -> Series:
        """Watch a brand from the minute on that is being closed."""
        if minute != self._minute:
            oldest = sorted(watched, key=lambda name: (watched[name].born, name))[:MOST]
            self._minute, self._peers = minute, tuple(watched[name] for name in oldest)
        series = watched[brand] = Series(minute, self._peers)
        return series
