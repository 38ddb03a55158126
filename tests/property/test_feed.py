"""Laws of the feed plan that hold for every input."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from pipeline.feed import TICK_KEY, Send, plan

BUCKET, PARTITIONS, START = 1_000, 3, 1_700_000_000_000
Post = tuple[int, bytes, bytes]
Steps = list[tuple[int, bytes]]

gaps = st.lists(st.tuples(st.integers(-3_000, 9_000), st.sampled_from([b"a", b"b", b"c", b"d", b"e"])), max_size=40)
settles = st.integers(0, 6_000)


def written(steps: Steps) -> list[Post]:
    """Posts whose times go up and down, each with a value of its own."""
    now, posts = START, []
    for number, (gap, key) in enumerate(steps):
        now += gap
        posts.append((now, key, str(number).encode()))
    return posts


def sent(posts: list[Post], settle_ms: int) -> list[Send]:
    return list(plan(posts, PARTITIONS, BUCKET, settle_ms))


@given(gaps, settles)
def test_every_post_is_sent_exactly_once_in_the_order_given(steps: Steps, settle_ms: int) -> None:
    posts = written(steps)
    values = [send.value for send in sent(posts, settle_ms) if send.key != TICK_KEY]

    assert values == [value for _, _, value in posts]


@given(gaps, settles)
def test_time_never_goes_back_and_a_partition_never_hears_the_same_tick_twice(steps: Steps, settle_ms: int) -> None:
    sends = sent(written(steps), settle_ms)
    ticks = defaultdict(list)
    for send in sends:
        if send.key == TICK_KEY:
            ticks[send.partition].append(send.at)

    assert [send.at for send in sends] == sorted(send.at for send in sends)
    assert all(heard == sorted(set(heard)) for heard in ticks.values())


@given(gaps, settles)
def test_no_tick_is_ahead_of_a_sorted_post_still_to_come(steps: Steps, settle_ms: int) -> None:
    posts = sorted(written(steps))
    to_come = iter([event_ms for event_ms, _, _ in posts])
    following = next(to_come, None)
    for send in sent(posts, settle_ms):
        if send.key != TICK_KEY:
            following = next(to_come, None)
        elif following is not None:
            assert send.at <= following


@given(gaps, settles, st.integers(0, 40))
def test_the_plan_of_a_prefix_is_a_prefix_up_to_its_last_post(steps: Steps, settle_ms: int, length: int) -> None:
    posts = written(steps)
    part, whole = sent(posts[:length], settle_ms), sent(posts, settle_ms)
    posted = [number for number, send in enumerate(part) if send.key != TICK_KEY]
    kept = posted[-1] + 1 if posted else 0

    assert part[:kept] == whole[:kept]


@given(gaps.filter(bool))
def test_no_partition_is_more_than_two_buckets_behind_while_silences_are_walked_through(steps: Steps) -> None:
    posts = sorted(written(steps))
    reached = dict.fromkeys(range(PARTITIONS), posts[0][0] // BUCKET * BUCKET)
    for send in sent(posts, 1_000_000):
        reached[send.partition] = max(reached[send.partition], send.at)
        if send.key != TICK_KEY:
            assert send.at - min(reached.values()) < 2 * BUCKET
