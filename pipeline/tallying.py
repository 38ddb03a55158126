"""Whether a post counts: once, on time or late. One that is too old, or was counted before, does not."""

from typing import Literal

from pipeline.authors import Authors
from pipeline.ledger import Ledger
from pipeline.recent import Recent
from schemas.signal import Signal


class Tally:
    """Puts the posts of one partition into its totals. ``bucket`` is the length of a minute, ms."""

    __slots__ = ("_authors", "_bucket", "_ledger", "recent")

    def __init__(self, ledger: Ledger, authors: Authors, bucket: int) -> None:
        self._ledger, self._authors, self._bucket, self.recent = ledger, authors, bucket, Recent()

    def news(self, signal: Signal, watermark: int) -> bool:
        """Whether a post is on time and was not counted before."""
        minute = self._minute(signal)
        return minute + self._bucket > watermark and not self.recent.knows(minute, signal.post_uid)

    def count(self, signal: Signal, watermark: int) -> Literal["", "expired", "duplicates"]:
        """Put a post into the totals of its brands; why it is in none, if so."""
        minute = self._minute(signal)
        if minute < self._ledger.floor(watermark):
            return "expired"
        if minute + self._bucket <= watermark:
            self._ledger.late(signal, minute)
        elif self.recent.again(minute, signal.post_uid):
            return "duplicates"
        else:
            self._ledger.add(signal, minute, lambda brand: self._authors.score(signal.author_key, brand, minute))
        return ""

    def _minute(self, signal: Signal) -> int:
        return signal.event_time - signal.event_time % self._bucket
