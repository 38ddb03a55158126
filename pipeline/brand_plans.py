"""What the watch list says about one brand that matters when its minutes close: its clock, its parts, its campaigns."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pipeline.closing import Moment
from pipeline.detectors._base import Observation
from pipeline.parts import followed
from pipeline.watchlist import Campaign, WatchList


class BrandPlan(NamedTuple):
    """One brand. A brand that is not on the watch list any more lives by UTC and has no parts."""

    zone: tzinfo = UTC
    facets: tuple[str, ...] = ()  # parts that detectors follow
    campaigns: tuple[Campaign, ...] = ()  # with a start or an end

    def on(self, minute: int) -> tuple[str, ...]:
        """Campaigns in whose time a moment falls, ms."""
        return tuple(campaign.id for campaign in self.campaigns if _on(campaign, minute))

    def observe(self, moment: Moment, *, over: bool = False) -> Observation:
        """What the detectors are shown of a closed minute; ``over``: the feed had ended before it."""
        minute, counts = moment.minute, moment.counts
        hour = datetime.fromtimestamp(minute / 1000, self.zone).hour
        reach = max((post.reach for post in moment.evidence if post.severity), default=0)
        return Observation(
            minute, hour, counts.posts, counts.negatives, counts.complaints, counts.critical, reach,
            campaign=bool(self.on(minute)), over=over,
        )  # fmt: skip


def plans(watchlist: WatchList) -> Mapping[str, BrandPlan]:
    """By brand id."""
    return {
        brand.id: BrandPlan(
            ZoneInfo(brand.timezone),
            followed(brand),
            tuple(campaign for campaign in brand.campaigns if campaign.starts or campaign.ends),
        )
        for brand in watchlist.brands
    }


def _on(campaign: Campaign, minute: int) -> bool:
    return (campaign.starts or 0) <= minute and (campaign.ends is None or minute < campaign.ends)
