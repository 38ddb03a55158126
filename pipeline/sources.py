"""How far the posts partitions are, as the brand log tells it: the event time through which everything has arrived."""

import msgspec

from schemas.brand_log import Bundle


class Mark(msgspec.Struct, array_like=True):
    """The newest thing one source said."""

    offset: int  # of its posts partition
    watermark: int  # ms of event time
    heard: int  # when its last bundle came, in the time of ``Sources.now``
    ended: int | None = None  # when the last post of the feed was written that was over last, ms of event time
    resumed: int | None = None  # its watermark when the next feed began


class Sources(msgspec.Struct):
    """Marks of all sources that ever spoke.

    A source that said nothing for ``patience`` of the log's own append time is missing: one dead owner must not stop
    every brand. Catching up after an outage is no reason, because its bundles keep coming; nor is a silence of the
    whole log, of which half the patience counts: who speaks first after it must leave the others time to follow.
    """

    patience: int  # ms
    expected: int = 0  # number of posts partitions, as the bundles say
    began: int = 0  # ``now`` when a bundle first said so
    now: int = 0  # append time so far, without long silences, ms
    last: int = 0  # append time of the newest bundle, ms; a broker's clock may be set back
    holes: int = 0  # bundles that must have existed and never came
    marks: dict[int, Mark] = {}

    def hear(self, bundle: Bundle, appended_at: int) -> None:
        """Take a bundle in, appended at ``appended_at`` (ms)."""
        told = bundle.progress
        self.now += min(max(appended_at - self.last, 0), self.patience // 2)
        self.last = appended_at
        if told.sources > self.expected:
            self.expected, self.began = told.sources, self.now
        mark = self.marks.get(told.source)
        if mark is None:
            self.marks[told.source] = Mark(told.offset, told.watermark, self.now, bundle.ended)
            return
        mark.heard = self.now
        if told.offset >= mark.offset:
            _note_end(mark, bundle)
        if bundle.previous > mark.offset:
            self.holes += 1
        mark.offset, mark.watermark = max(mark.offset, told.offset), max(mark.watermark, told.watermark)

    def missing(self) -> tuple[int, ...]:
        """Sources that are not waited for any more."""
        silent = self.now - self.patience
        return tuple(
            source
            for source in range(self.expected)
            if (self.marks[source].heard if source in self.marks else self.began) < silent
        )

    def over(self, minute: int) -> bool:
        """Whether in a minute every feed was over: that nobody is named in it says nothing."""
        return bool(self.marks) and all(
            mark.ended is not None and mark.ended <= minute < (mark.resumed or minute + 1)
            for mark in self.marks.values()
        )

    def through(self, missing: tuple[int, ...]) -> int:
        """Event time that every source but the missing ones has passed, ms; 0 while one has yet to speak."""
        waited = [source for source in range(self.expected) if source not in missing]
        if any(source not in self.marks for source in waited):
            return 0
        return min((self.marks[source].watermark for source in waited), default=0)


def _note_end(mark: Mark, bundle: Bundle) -> None:
    """Files may be fed day by day: what lies between is known once the next one has begun."""
    if bundle.ended is not None:
        mark.ended, mark.resumed = bundle.ended, None
    elif mark.ended is not None and mark.resumed is None:
        mark.resumed = bundle.progress.watermark
