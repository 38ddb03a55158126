"""What the detectors are shown of a closed minute: its counts, the local hour, and whether a campaign is on."""

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pipeline.closing import Moment
from pipeline.detectors._base import Observation
from pipeline.watchlist import Campaign, WatchList

ALWAYS = 2**63


class Observer:
    """Knows the time zones and campaigns of a watch list. A brand that is not on it lives by UTC."""

    def __init__(self, watchlist: WatchList) -> None:
        self._zones = {brand.id: ZoneInfo(brand.timezone) for brand in watchlist.brands}
        self._spans = {brand.id: tuple(_spans(brand.campaigns)) for brand in watchlist.brands}

    def observe(self, brand: str, moment: Moment) -> Observation:
        """The observation of one closed minute."""
        minute, counts = moment.minute, moment.counts
        hour = datetime.fromtimestamp(minute / 1000, self._zones.get(brand, UTC)).hour
        campaign = any(start <= minute < end for start, end in self._spans.get(brand, ()))
        reach = max((post.reach for post in moment.evidence if post.severity), default=0)
        return Observation(
            minute, hour, counts.posts, counts.negatives, counts.complaints, counts.critical, reach, campaign
        )


def _spans(campaigns: Iterable[Campaign]) -> Iterable[tuple[int, int]]:
    """Start and end of those that have one of them, ms; one that is missing is far away."""
    for campaign in campaigns:
        if campaign.starts is not None or campaign.ends is not None:
            yield campaign.starts or 0, ALWAYS if campaign.ends is None else campaign.ends
