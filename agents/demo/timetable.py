"""When the demo's posts happen: three ordinary daily rhythms, a lottery that is harmless and a crisis that is not."""

import math
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

MINUTE_MS = 60_000
_DAY = 1_440  # minutes
_UTC_OFFSET_H = 8  # where the brands are at home

_CRISIS, _CAMPAIGN = 0.05, 0.04  # shares of all posts
_ONSET, _STATEMENT, _LOTTERY = _DAY - 210, _DAY - 150, _DAY - 520  # minute of the day the script begins with
_DOUBLING, _GROWTH, _HALVING = 10, 50, 6  # minutes: the crisis doubles every, for so long; calms by half every

_SHARES = {"zelvo": 36, "munchkite": 30, "aurelane": 22, "passers_by": 12}  # of the ordinary day
_RHYTHMS = {  # posts by local hour
    "zelvo": (34, 22, 15, 12, 12, 15, 24, 38, 50, 56, 60, 64, 70, 64, 58, 58, 60, 64, 70, 78, 88, 92, 80, 56),
    "munchkite": (40, 26, 16, 10, 8, 9, 16, 32, 38, 36, 46, 80, 98, 70, 42, 38, 42, 66, 94, 90, 68, 60, 58, 52),
    "aurelane": (24, 16, 12, 10, 10, 14, 30, 50, 58, 54, 50, 48, 50, 52, 56, 58, 56, 54, 58, 64, 70, 72, 60, 40),
    "passers_by": (30, 18, 12, 10, 10, 14, 28, 46, 56, 56, 56, 60, 66, 60, 56, 56, 58, 62, 68, 74, 80, 80, 70, 50),
}


class Script(NamedTuple):
    """What was scripted, for whoever checks what was found. Times in ms since 1970."""

    crisis_brand: str
    onset: int
    statement: int
    campaign_brand: str
    campaign: int
    start: int
    end: int


def script(end_ms: int) -> Script:
    """The script of the day that ends at ``end_ms``."""
    start = end_ms - _DAY * MINUTE_MS
    onset, statement, campaign = (start + minute * MINUTE_MS for minute in (_ONSET, _STATEMENT, _LOTTERY))
    return Script("zelvo", onset, statement, "munchkite", campaign, start, end_ms)


def scenes(rng: Random, end_ms: int, size: int) -> Iterator[tuple[int, str]]:
    """``size`` times in ms, unsorted, each with its story: a brand's ordinary day, ``crisis`` or ``campaign``."""
    day = script(end_ms)
    yield day.onset, "crisis"
    yield day.statement, "statement"
    yield day.campaign, "campaign"
    crisis, campaign = round(_CRISIS * size), round(_CAMPAIGN * size)
    ordinary = size - 3 - crisis - campaign
    counts = Counter(rng.choices(list(_SHARES), list(_SHARES.values()), k=ordinary))
    counts.update(crisis=crisis, campaign=campaign)
    minutes = range(_DAY)
    for story in [*_SHARES, "crisis", "campaign"]:
        weights = [_weight(story, minute, end_ms) for minute in minutes]
        for minute in rng.choices(minutes, weights, k=counts[story]):
            yield day.start + minute * MINUTE_MS + rng.randrange(MINUTE_MS), story


def _weight(story: str, minute: int, end_ms: int) -> float:
    """How likely a post of the story is in this minute of the script, up to a factor."""
    if story == "crisis":
        return _crisis(minute - _ONSET)
    if story == "campaign":
        since = minute - _LOTTERY
        return 0.0 if since < 0 else min(since + 1, 6) * 0.5 ** (since / 12)
    hours = _RHYTHMS[story]
    hour = (end_ms / MINUTE_MS + minute) / 60 + _UTC_OFFSET_H  # the script is a whole day, so its end is its start
    before, share = int(hour), hour % 1
    return hours[before % 24] * (1 - share) + hours[(before + 1) % 24] * share


def _crisis(since: int) -> float:
    """Nothing, doubling, a plateau until the company speaks, then calming."""
    calm = since - (_STATEMENT - _ONSET)
    if since < 0:
        return 0.0
    return math.exp2(min(since, _GROWTH) / _DOUBLING - max(calm, 0) / _HALVING)
