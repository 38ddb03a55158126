"""Counts of a platform that grow are interactions: as many as the snapshots differ by."""

import msgspec
import pytest

from pipeline.metric_snapshots import BLOCKS, MOST, MetricSnapshots
from schemas.post import SocialPost
from schemas.post_parts import Metrics
from tests.builders import MINUTE, START, post


def shown(at: int, uid: str = "x:1", **counts: int | None) -> SocialPost:
    return msgspec.structs.replace(post(uid, 0, "hm", "a"), metrics=Metrics(as_of=START + at, **counts))


def told(snapshots: MetricSnapshots, one: SocialPost) -> list[tuple[str, str, int]]:
    return [(made.op, made.type, made.count) for made in snapshots.differences(one, START)]


def test_the_first_snapshot_says_where_counting_begins():
    assert told(MetricSnapshots(), shown(0, likes=900)) == []


def test_what_grew_since_is_so_many_interactions_of_each_kind():
    snapshots = MetricSnapshots()
    told(snapshots, shown(0, likes=5, reposts=1, views=100))

    assert told(snapshots, shown(MINUTE, likes=8, reposts=1, views=250)) == [
        ("create", "like", 3),
        ("create", "view", 150),
    ]


def test_what_shrank_says_nothing_and_grows_again_from_there():
    snapshots = MetricSnapshots()
    told(snapshots, shown(0, likes=5))

    assert told(snapshots, shown(MINUTE, likes=3)) == []
    assert told(snapshots, shown(2 * MINUTE, likes=4)) == [("create", "like", 1)]


def test_a_count_that_is_missing_once_is_compared_with_the_last_that_was_told():
    snapshots = MetricSnapshots()
    for one in (shown(0, likes=5, views=1), shown(1, likes=None, views=2)):
        told(snapshots, one)

    assert told(snapshots, shown(2, likes=6, views=2)) == [("create", "like", 1)]


@pytest.mark.parametrize("late", [0, MINUTE])
def test_a_snapshot_that_is_no_newer_says_nothing(late):
    snapshots = MetricSnapshots()
    told(snapshots, shown(MINUTE, likes=5))

    assert told(snapshots, shown(MINUTE - late, likes=9)) == []
    assert told(snapshots, shown(2 * MINUTE, likes=6)) == [("create", "like", 1)]


def test_the_same_difference_has_the_same_name_and_another_has_another():
    def names() -> list[str]:
        snapshots, found = MetricSnapshots(), []
        for at, likes in enumerate((0, 1, 2, 2, 3)):
            found += [made.interaction_uid for made in snapshots.differences(shown(at, likes=likes), START)]
        return found

    assert names() == names()
    assert len(set(names())) == 3


def test_it_knows_whose_post_it_was_and_that_nobody_is_known_to_have_acted():
    snapshots = MetricSnapshots()
    told(snapshots, shown(0, likes=0))
    (made,) = snapshots.differences(shown(MINUTE, likes=1), START)

    assert (made.target_uid, made.target_author_key, made.actor, made.basis) == ("x:1", "a", None, "snapshot_delta")
    assert made.event_time == START + MINUTE


def test_only_so_many_posts_are_remembered_and_those_touched_last_stay():
    snapshots = MetricSnapshots()
    for number in range(2 * BLOCKS * MOST):
        told(snapshots, shown(0, f"x:{number}", likes=0))
    held = [msgspec.msgpack.decode(block) for block in snapshots.snapshot().values()]

    assert sum(map(len, held)) == BLOCKS * MOST
    assert told(snapshots, shown(1, f"x:{2 * BLOCKS * MOST - 1}", likes=1)) == [("create", "like", 1)]
    assert told(snapshots, shown(1, "x:0", likes=1)) == []


def test_restored_it_forgets_in_the_same_order():
    snapshots, again = MetricSnapshots(), MetricSnapshots()
    for number in (3, 1, 2, 1):
        told(snapshots, shown(number, f"x:{number}", likes=0))
    again.restore(snapshots.snapshot())
    snapshots.mark_all_dirty()
    again.mark_all_dirty()

    assert dict(again.snapshot()) == dict(snapshots.snapshot())
    assert dict(again.snapshot()) == {}
