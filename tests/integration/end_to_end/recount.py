"""Plain recounts of what was fed, sharing no code with the stages that are checked."""

from collections import Counter
from collections.abc import Iterable

import orjson

from pipeline.brands import BrandMatcher
from pipeline.watchlist import WatchList


def by_minute(values: Iterable[bytes], watchlist: WatchList, bucket_ms: int) -> Counter[tuple[str, int]]:
    """Posts by brand and minute, each post_uid once."""
    matcher, seen, counted = BrandMatcher(watchlist), set(), Counter()
    for value in values:
        post = orjson.loads(value)
        if post["post_uid"] in seen:
            continue
        seen.add(post["post_uid"])
        text = "\n".join(
            [post.get("title", ""), post.get("text", ""), *post.get("hashtags", []), *post.get("brands", [])]
        )
        minute = post["event_time"] // bucket_ms * bucket_ms
        counted.update((brand, minute) for brand in matcher.match_one(text).brands)
    return counted


def uids(values: Iterable[bytes], watchlist: WatchList) -> set[str]:
    """The posts that name a brand."""
    matcher = BrandMatcher(watchlist)
    posts = [orjson.loads(value) for value in values]
    return {
        post["post_uid"]
        for post in posts
        if matcher.match_one(
            "\n".join([post.get("title", ""), post.get("text", ""), *post.get("hashtags", []), *post.get("brands", [])])
        ).brands
    }
