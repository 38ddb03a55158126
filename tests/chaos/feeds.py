"""What is fed while things break: a day with its crisis, and days that are hard in other ways."""

import time
from collections.abc import Iterable, Iterator
from random import Random

from msgspec.structs import replace

from agents.demo.scenario import Script, posts, script
from pipeline.feed import Dated, Send, dated, plan
from schemas.author import Author
from schemas.codec import encode
from schemas.post import SocialPost
from schemas.topics import DAY_MS
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


def a_hundred_thousand_identical_complaints(seed: int, day: Script) -> list[Send]:
    """A day that ends with the same words a hundred thousand times within ten minutes."""
    calm = [post for post in posts(seed, day.end, 4_000) if post.event_time < day.onset]
    flood = [_post(number, day.onset + number * 6, "Zelvo charger caught fire, terrible") for number in range(100_000)]
    return _fed(dated(post) for post in [*calm, *flood])


def edits_and_deletes_before_and_after_the_posts(seed: int, day: Script) -> list[Send]:
    """One post in five is edited and one in ten deleted; half of that news is there before the post is."""
    rng, fed = Random(seed), list[Dated]()
    for post in posts(seed, day.end, 12_000):
        luck, news = rng.random(), list[Dated]()
        if luck < 0.2:
            news.append(dated(replace(post, op="update", revision=1, text=f"{post.text} (edited)")))
        if luck < 0.1:
            news.append(dated(replace(post, op="delete", revision=2, text="")))
        fed += [*news, dated(post)] if rng.random() < 0.5 else [dated(post), *news]
    return _fed(fed)


def clocks_that_are_wrong(seed: int, day: Script) -> list[Send]:
    """Of a hundred posts one is dated two days ahead, one a day back, one ten minutes back; they come in their turn."""
    rng, skews, fed = Random(seed), (2 * DAY_MS, -DAY_MS, -600_000), list[Dated]()
    for post in posts(seed, day.end, 12_000):
        skew = rng.choice(skews) if rng.random() < 0.03 else 0
        fed.append(dated(post)._replace(value=encode(replace(post, event_time=post.event_time + skew))))
    return _fed(fed)


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
