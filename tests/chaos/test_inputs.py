"""Feeds that are hard to count: repeated, late, out of order, of one brand only, or the same words over and over."""

from collections import Counter
from collections.abc import Callable

import orjson
import pytest

from agents.demo.scenario import Script
from pipeline.feed import Send
from tests.chaos import books, feeds
from tests.chaos.truth import Truth

pytestmark = [pytest.mark.chaos, pytest.mark.kafka]


def fired(truth: Truth) -> dict[str, bool]:
    """Whether a feed was as hard as it claims to be."""
    by_brand: Counter[str] = Counter()
    for (brand, _), posts in truth.on_time.items():
        by_brand[brand] += posts
    return {
        "each_post_three_times": truth.repeated > 3_000 and truth.late.total() > 2_500,
        "late_and_out_of_order": truth.late.total() > 500 and truth.expired > 50,
        "one_hot_brand": max(by_brand.values()) > 0.75 * by_brand.total() > 9_000,
        "a_hundred_thousand_identical_complaints": max(by_brand.values()) > 100_000,
        "edits_and_deletes_before_and_after_the_posts": changed(truth),
        "clocks_that_are_wrong": len(truth.rejected) > 80 and truth.expired > 80 and truth.late.total() > 40,
    }


def changed(truth: Truth) -> bool:
    """Whether there were posts in each order of create, edit and delete."""
    orders: dict[str, list[str]] = {}
    for record in truth.log:
        post = orjson.loads(record.value)
        if "post_uid" in post:
            orders.setdefault(post["post_uid"], []).append(post.get("op", "create"))
    wanted = {
        ("create", "update"), ("update", "create"),
        ("create", "update", "delete"), ("update", "delete", "create"),
    }  # fmt: skip
    return wanted <= {tuple(order) for order in orders.values()}


@pytest.mark.parametrize(
    "feed",
    [
        feeds.each_post_three_times,
        feeds.late_and_out_of_order,
        feeds.one_hot_brand,
        feeds.a_hundred_thousand_identical_complaints,
        feeds.edits_and_deletes_before_and_after_the_posts,
        feeds.clocks_that_are_wrong,
    ],
)
def test_a_hard_feed_is_counted_as_a_recount_counts_it(
    stack, httpserver, pager, feed: Callable[[int, Script], list[Send]]
) -> None:
    pager()
    stack.start()
    sends = feed(5, feeds.day_script())
    stack.feed(sends)
    truth = books.check(stack, httpserver)

    assert len(truth.log) == len(sends)
    assert fired(truth)[feed.__name__]
    assert stack.stop() == 0
