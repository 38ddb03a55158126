"""What a feeder appends to the posts log, and where: one plan for ``tocsin feed``, ``tocsin replay`` and the demo."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from zlib import crc32

from schemas.codec import encode
from schemas.post import SocialPost, Tick

TICK_KEY = b"tick"


class Dated(NamedTuple):
    """An encoded post and when it happened, ms since 1970; undecodable bytes carry the last time known before them."""

    event_ms: int
    key: bytes
    value: bytes


class Send(NamedTuple):
    """One record to append to ``social.posts.v1``; ``at`` is the event time the feed has reached with it, ms."""

    partition: int
    key: bytes
    value: bytes
    at: int


def partition_of(key: bytes, partitions: int) -> int:
    """Where a key lives: CRC-32 modulo the partition count, the same in every process and language."""
    return crc32(key) % partitions


def key_of(post: SocialPost) -> bytes:
    """The author's key, else the conversation, else the post itself."""
    author = post.author.author_key if post.author else None
    return (author or post.conversation_uid or post.post_uid).encode()


def dated(post: SocialPost) -> Dated:
    """The post as ``plan`` wants it."""
    return Dated(post.event_time, key_of(post), encode(post))


def plan(posts: Iterable[tuple[int, bytes, bytes]], partitions: int, bucket_ms: int, settle_ms: int) -> Iterator[Send]:
    """Every post in the order given, and ticks for the partitions that posts leave silent.

    ``posts`` are (event ms, key, value), best in order of event time: one that goes back in time is sent where it
    stands, and time stays where it was. When time enters a bucket, every partition without a post in the bucket before
    gets a tick at the new bucket's start. A silence is walked through bucket by bucket for ``settle_ms``, and what is
    left of it is skipped; up to there no partition is two buckets behind another. The last post is followed by
    ``settle_ms`` of ticks that say so, so that minutes close and incidents settle; 0 adds nothing. An hour of silence
    in buckets of 60 s costs 60 ticks of 40 bytes per partition.

    Listeners believe no tick ahead of the broker's clock: a feed settles at once only if its last post is ``settle_ms``
    old.
    """
    everyone = range(partitions)
    walk = settle_ms // bucket_ms
    time, heard = -1, set[int]()  # time in ms, -1 before the first post; heard: partitions with a post in this bucket
    for event_ms, key, value in posts:
        bucket, entered = time // bucket_ms, event_ms // bucket_ms
        if time >= 0 and entered > bucket:
            silent: Iterable[int] = [partition for partition in everyone if partition not in heard]
            for step in _steps(bucket, entered, walk):
                yield from _ticks(silent, step * bucket_ms)
                silent = everyone
            heard.clear()
        time = max(time, event_ms)
        partition = partition_of(key, partitions)
        if entered == time // bucket_ms:
            heard.add(partition)
        yield Send(partition, key, value, time)
    if time >= 0:
        for step in range(time // bucket_ms + 1, (time + settle_ms) // bucket_ms + 1):
            yield from _ticks(everyone, step * bucket_ms, ended=time)


def _steps(bucket: int, entered: int, walk: int) -> Iterator[int]:
    """Buckets to announce on the way from ``bucket`` to ``entered``: at most ``walk``, and ``entered``."""
    yield from range(bucket + 1, min(entered - 1, bucket + walk) + 1)
    yield entered


def _ticks(partitions: Iterable[int], at: int, ended: int | None = None) -> Iterator[Send]:
    value = encode(Tick(at=at, ended=ended))
    for partition in partitions:
        yield Send(partition, TICK_KEY, value, at)
