"""How much an account behaves like one that is run in bulk: cheap signs, each with a weight, combined to a score."""

from typing import NamedTuple

from schemas.author import Author

SUSPECTED = 0.6  # score from which a post counts as of a suspected account: one sign alone never reaches it
DAY_MS = 86_400_000
YOUNG = ((-1, 0.5), (-7, 0.35), (-30, 0.2))  # days since the account was made, negated: the younger, the more
BUSY = ((288, 0.5), (72, 0.25))  # posts a day over its life; 288 is one in five minutes, day and night
LOUD = ((30, 0.5), (10, 0.25))  # posts about watched brands in the last hour
REPEATING = ((10, 0.55), (3, 0.4))  # times that it has posted this text in the last hour
COPIED = ((5, 0.3),)  # times that anybody in the partition has: customers paste, too
FOLLOWING, RETURNED, UNLOVED = 100, 50, 0.3  # follows so many, fewer than one in so many follow back
VOUCHED = frozenset({"personal", "organisation", "government", "media"})  # verified as who they are; "paid" is not


class Habit(NamedTuple):
    """What was seen of an account in the last hour, this post included."""

    posts: int = 0
    repeats: int = 0  # of this text
    copies: int = 0  # of this text, by anybody


def suspicion(author: Author | None, at: int, habit: Habit) -> float:
    """A score from 0 to 1 for a post written ``at`` (ms). What a source does not tell is no sign.

    The signs are combined as if each were an independent reason to suspect (noisy or). The weights are a judgement:
    no labelled accounts were at hand to measure them on.
    """
    if author is not None:
        if author.suspended:
            return 1.0
        if author.type in ("brand_owned", "media", "government") or author.verified_kind in VOUCHED:
            return 0.0
    weights = [_reached(LOUD, habit.posts), _reached(REPEATING, habit.repeats), _reached(COPIED, habit.copies)]
    if author is not None:
        weights += _signs(author, at)
    innocent = 1.0
    for weight in weights:
        innocent *= 1 - weight
    return round(1 - innocent, 3)


def _signs(author: Author, at: int) -> list[float]:
    """Weights of what the source tells of the account."""
    weights = []
    created, followers, following = author.account_created_at, author.followers, author.following
    if created is not None and created <= at:
        days = (at - created) / DAY_MS
        weights.append(_reached(YOUNG, -days))
        if author.posts:
            weights.append(_reached(BUSY, author.posts / max(days, 1.0)))
    if following is not None and following >= FOLLOWING and followers is not None and followers * RETURNED < following:
        weights.append(UNLOVED)
    return weights


def _reached(steps: tuple[tuple[float, float], ...], amount: float) -> float:
    for limit, weight in steps:
        if amount >= limit:
            return weight
    return 0.0
