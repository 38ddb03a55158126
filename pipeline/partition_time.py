"""What time it is in one posts partition: event time as far as it was heard, never ahead of the broker's."""

import msgspec

from pipeline.hearing import Heard

LIVE_MS = 900_000  # a feed whose time is at most so far behind the broker's follows the clock
LONGEST_DELAY_MS = 120_000  # a slower feed has late posts when its partition falls silent
GRACE_MS = 1_000  # what passes time in a silence trails the clock at least so much, for posts that are on their way
SILENT_MS = 5_000  # after which a withdrawal tells a live partition the time, as a tick would


class PartitionTime(msgspec.Struct):
    """Times are ms since 1970; it is stored as it is."""

    high: int = 0  # highest event time
    live: bool = False  # when the last post arrived, time here was close to the broker's
    usual_delay: int = 0  # from being written to arriving, smoothed over live posts
    ended: int | None = None  # when the last post of a feed was written that is over
    heard: int = 0  # append time of the last post or tick

    @property
    def delay(self) -> int:
        """How far behind the clock a tick must stay so that posts still on their way are not late."""
        return max(min(2 * self.usual_delay, LONGEST_DELAY_MS), GRACE_MS)

    def after(self, event_time: int, arrived: int) -> int:
        """What time it will be once a post has been heard."""
        return max(self.high, min(event_time, arrived))

    def hear(self, heard: Heard) -> None:
        """Let time pass to a tick or post."""
        at = heard.tick.at if heard.tick else heard.post.event_time if heard.post else 0
        arrived = heard.record.timestamp
        self.high = self.after(at, arrived)
        self.ended = heard.tick.ended if heard.tick else None
        if heard.post:
            self.live = self.high >= arrived - LIVE_MS
            if 0 <= arrived - at <= LIVE_MS:
                self.usual_delay += (arrived - at - self.usual_delay) // 8

    def withdrawal(self, arrived: int) -> bool:
        """Let a withdrawal pass time where a live partition is silent otherwise; whether it did.

        It has the broker's word alone, whose clock may be set wrong: what is far ahead passes nothing.
        """
        if not self.live or arrived - self.heard < SILENT_MS or arrived - self.high > LIVE_MS:
            return False
        self.high = max(self.high, arrived - self.delay)
        return True
