"""What a feeder appends: where posts go, and when silent partitions get ticks."""

from zlib import crc32

from pipeline.feed import TICK_KEY, Send, dated, key_of, partition_of, plan
from schemas.author import Author
from schemas.codec import Decoder
from schemas.post import SocialPost, Tick

MINUTE = 60_000
START = 1_700_000_040_000  # a full minute
HERE, THERE = b"bob", b"ann"  # keys of partitions 0 and 1 of 2


def ticks(sends: list[Send]) -> list[tuple[int, int]]:
    """(partition, minutes after START) of every tick."""
    return [(send.partition, (send.at - START) // MINUTE) for send in sends if send.key == TICK_KEY]


def feed(*posts: tuple[int, bytes], settle_ms: int = 0) -> list[Send]:
    return list(plan([(START + at, key, b"{}") for at, key in posts], 2, MINUTE, settle_ms))


def test_the_two_keys_of_these_tests_live_apart() -> None:
    assert (partition_of(HERE, 2), partition_of(THERE, 2)) == (0, 1)


def test_a_key_lives_where_its_crc32_says() -> None:
    assert partition_of(b"author", 12) == crc32(b"author") % 12


def test_a_partition_without_a_post_in_the_last_bucket_gets_a_tick_when_the_next_begins() -> None:
    sends = feed((0, HERE), (MINUTE + 5, HERE))

    assert ticks(sends) == [(1, 1)]


def test_a_tick_stands_before_the_post_that_entered_the_bucket() -> None:
    sends = feed((0, HERE), (MINUTE + 5, HERE))

    assert [send.key for send in sends] == [HERE, TICK_KEY, HERE]


def test_a_tick_is_dated_at_the_start_of_the_bucket() -> None:
    tick = next(send for send in feed((0, HERE), (MINUTE + 5, HERE)) if send.key == TICK_KEY)

    assert Decoder(Tick).decode(tick.value) == Tick(at=START + MINUTE)


def test_partitions_with_posts_in_every_bucket_get_no_tick() -> None:
    sends = feed((0, HERE), (1, THERE), (MINUTE, HERE), (MINUTE, THERE), (2 * MINUTE, HERE))

    assert ticks(sends) == []


def test_a_silence_is_walked_through_bucket_by_bucket_for_the_settling_time_and_then_left_in_one_step() -> None:
    sends = feed((0, HERE), (60 * MINUTE, HERE), settle_ms=2 * MINUTE)

    assert ticks(sends)[:6] == [(1, 1), (0, 2), (1, 2), (0, 60), (1, 60), (0, 61)]


def test_after_the_last_post_time_steps_on_in_every_partition_until_everything_has_settled() -> None:
    sends = feed((30_000, HERE), settle_ms=2 * MINUTE)

    assert ticks(sends) == [(0, 1), (1, 1), (0, 2), (1, 2)]


def test_a_post_from_an_earlier_bucket_neither_moves_time_back_nor_counts_as_a_sign_of_life() -> None:
    sends = feed((0, HERE), (MINUTE, HERE), (5, THERE), (2 * MINUTE, HERE))

    assert [(send.key, (send.at - START) // MINUTE) for send in sends] == [
        (HERE, 0), (TICK_KEY, 1), (HERE, 1), (THERE, 1), (TICK_KEY, 2), (HERE, 2),
    ]  # fmt: skip


def test_ticks_after_the_last_post_say_that_the_feed_has_ended_and_others_do_not() -> None:
    sends = feed((0, HERE), (3 * MINUTE, HERE), settle_ms=2 * MINUTE)
    told = [Decoder(Tick).decode(send.value) for send in sends if send.key == TICK_KEY]

    assert {(tick.at, tick.ended) for tick in told if tick.at > START + 3 * MINUTE} == {
        (START + 4 * MINUTE, START + 3 * MINUTE), (START + 5 * MINUTE, START + 3 * MINUTE),
    }  # fmt: skip
    assert {tick.ended for tick in told if tick.at <= START + 3 * MINUTE} == {None}


def test_no_posts_no_ticks() -> None:
    assert feed(settle_ms=MINUTE) == []


def test_a_post_is_keyed_by_its_author_else_its_conversation_else_itself() -> None:
    post = SocialPost(post_uid="x:1", platform="x", channel="microblog", event_time=START)
    talk = SocialPost(post_uid="x:1", platform="x", channel="microblog", event_time=START, conversation_uid="x:0")
    told = SocialPost(
        post_uid="x:1", platform="x", channel="microblog", event_time=START, conversation_uid="x:0",
        author=Author(author_key="who"),
    )  # fmt: skip

    assert [key_of(item) for item in (post, talk, told)] == [b"x:1", b"x:0", b"who"]


def test_a_dated_post_reads_back_as_the_same_post() -> None:
    post = SocialPost(post_uid="x:1", platform="x", channel="microblog", event_time=START, text="慢")
    ready = dated(post)

    assert (ready.event_ms, Decoder(SocialPost).decode(ready.value)) == (START, post)
