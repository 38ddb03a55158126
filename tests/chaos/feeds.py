"""What is fed while things break: a day with its crisis, and days that are hard in other ways."""

import time
from collections.abc import Iterable, Iterator
from random import Random

from agents.demo.scenario import Script, posts, script
from pipeline.feed import Dated, Send, dated, plan
from schemas.author import Author
from schemas.post import SocialPost
from tests.chaos.truth import MINUTE_MS
from tests.integration.stack import POSTS

HOUR_MS, SETTLE_MS = 3_600_000, 7_200_000
BAD_EVERY = 300  # posts between two unreadable records


def day_script() -> Script:
    """The script of a day that is over long enough for its incident to settle."""
    return script((int(time.time() * 1000) - SETTLE_MS) // HOUR_MS * HOUR_MS)


def a_day(seed: int, day: Script, size: int = 12_000) -> list[Send]:
    """An ordinary day with a crisis, and an unreadable record now and then."""
    return _fed(_with_bad(dated(post) for post in posts(seed, day.end, size)))


def each_post_three_times(seed: int, day: Script) -> list[Send]:
    """Every post twice in a row, and once more after the next hundred."""
    once = [dated(post) for post in posts(seed, day.end, 4_000)]
    hundreds = [once[start : start + 100] for start in range(0, len(once), 100)]
    return _fed(item for hundred in hundreds for item in [*(one for one in hundred for _ in range(2)), *hundred])


def late_and_out_of_order(seed: int, day: Script) -> list[Send]:
    """One post in five arrives up to 25 s later than it should, one in ten by minutes, one in fifty by hours."""
    rng = Random(seed)
    arrivals = []
    for post in posts(seed, day.end, 12_000):
        luck = rng.random()
        longest = 10_800_000 if luck < 0.02 else 1_500_000 if luck < 0.12 else 25_000 if luck < 0.32 else 1
        arrivals.append((post.event_time + rng.randrange(longest), dated(post)))
    arrivals.sort(key=lambda one: one[0])
    return _fed(item for _, item in arrivals)


def one_hot_brand(seed: int, day: Script) -> list[Send]:
    """A day in whose last four hours nine posts of ten are about one brand."""
    calm = [post for post in posts(seed, day.end, 4_000) if post.event_time < day.end - 4 * HOUR_MS]
    rng = Random(seed)
    hot = [
        _post(number, day.end - 4 * HOUR_MS + number * 1_200, rng.choice(["Zelvo"] * 9 + ["Aurelane"]) + " is here")
        for number in range(12_000)
    ]
    return _fed(dated(post) for post in [*calm, *hot])


def ten_thousand_identical_complaints(seed: int, day: Script) -> list[Send]:
    """A day that ends with the same words from ten thousand people within ten minutes."""
    calm = [post for post in posts(seed, day.end, 4_000) if post.event_time < day.onset]
    flood = [_post(number, day.onset + number * 60, "Zelvo charger caught fire, terrible") for number in range(10_000)]
    return _fed(dated(post) for post in [*calm, *flood])


def _post(number: int, at: int, text: str) -> SocialPost:
    author = Author(author_key=f"author-{number % 9_000}")
    return SocialPost(
        post_uid=f"x:{number}", platform="x", channel="microblog", text=text, author=author, event_time=at
    )


def _with_bad(items: Iterable[Dated]) -> Iterator[Dated]:
    for number, item in enumerate(items):
        yield item
        if number % BAD_EVERY == 7:
            yield item._replace(value=item.value[: len(item.value) // 2])


def _fed(items: Iterable[Dated]) -> list[Send]:
    return list(plan(items, POSTS, MINUTE_MS, SETTLE_MS))
