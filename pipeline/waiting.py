"""Minutes that closed without a source, kept until it is back and past them, or until nobody counts them any more."""

from collections.abc import Iterator

from pipeline.closing import OpenMinutes
from pipeline.sources import Sources


class Waiting:
    """Minute -> the sources that it closed without; ``bucket`` is the length of a minute, ms."""

    def __init__(self, bucket: int) -> None:
        self.bucket = bucket
        self.minutes: dict[int, tuple[int, ...]] = {}

    def __contains__(self, minute: int) -> bool:
        return minute in self.minutes

    def without(self, minute: int, missing: tuple[int, ...], sources: Sources) -> tuple[int, ...]:
        """The missing sources that have not passed the minute: the others said all of it."""
        return tuple(source for source in missing if not self._past(source, minute, sources))

    def whole(self, missing: tuple[int, ...], sources: Sources) -> Iterator[int]:
        """Forget and return the minutes whose sources are all back and past them."""
        for minute, without in list(self.minutes.items()):
            if not any(source in missing or not self._past(source, minute, sources) for source in without):
                del self.minutes[minute]
                yield minute

    def forget(self, floor: int) -> None:
        """Give up waiting for minutes before ``floor``: no source counts them any more."""
        self.minutes = {minute: without for minute, without in self.minutes.items() if minute >= floor}

    def drop(self, held: OpenMinutes, closed: int) -> None:
        """Let go of what is held of minutes that are closed and not waited for."""
        held.drop(min(self.minutes, default=closed))

    def _past(self, source: int, minute: int, sources: Sources) -> bool:
        mark = sources.marks.get(source)
        return mark is not None and mark.watermark >= minute + self.bucket
