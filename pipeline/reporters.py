"""Who has lately told of an injury, a danger or a fraud: somebody who tells it again is no second report."""

import msgspec

from pipeline.closing import Moment

MEMORY_MS = 86_400_000  # after which the same person is news again
MOST = 256  # people remembered; of more, those heard last


class Reporters(msgspec.Struct):
    """``last`` maps the hash of an author to the start of the minute of the newest report, ms, oldest first."""

    last: dict[int, int] = {}

    def reports(self, moment: Moment) -> int:
        """Critical complaints of a minute, each person once a day. Without authors, posts are counted as they came.

        A minute of which more than ``pipeline.sketch.SIZE`` people tell counts as so many.
        """
        if not moment.reporters:
            return moment.counts.critical
        last, floor = self.last, moment.minute - MEMORY_MS
        fresh = sum(last.get(author, floor) <= floor for author in moment.reporters)
        for author in moment.reporters:
            last.pop(author, None)
            last[author] = moment.minute
        excess = len(last) - MOST
        self.last = {author: at for place, (author, at) in enumerate(last.items()) if place >= excess and at > floor}
        return fresh
