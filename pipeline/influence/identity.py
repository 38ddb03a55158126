"""Accounts and posts as numbers, so that a million of them fit into arrays."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import cast
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

_PSEUDONYM = 32  # hexadecimal digits of an author_key
_TAG = 0xFFFF


def account_id(key: str) -> int:
    """64 bits of an account: the first half of its pseudonym; of a key that is none, BLAKE2b.

    Among 10 million accounts a false match has odds of 1 in 370,000.
    """
    if len(key) == _PSEUDONYM:
        try:
            digits = bytes.fromhex(key)
        except ValueError:
            digits = b""
        if len(digits) * 2 == _PSEUDONYM:  # spaces would be skipped
            return int.from_bytes(digits[:8], "big")
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big")


def account_ids(keys: Sequence[str]) -> NDArray[np.uint64]:
    """``account_id`` of each; all at once where all are pseudonyms."""
    if set(map(len, keys)) == {_PSEUDONYM}:
        try:
            digits = bytes.fromhex("".join(keys))
        except ValueError:
            digits = b""
        if len(digits) * 2 == len(keys) * _PSEUDONYM:  # spaces would be skipped
            return np.frombuffer(digits, ">u8")[::2].astype(np.uint64)
    return np.array([account_id(key) for key in keys], np.uint64)


def author_in_brand(key: str, brand: str, topic: str = "") -> int:
    """The account as far as it speaks about one brand, or one topic of it: an account of its own."""
    named = f"{key}\n{brand}\n{topic}" if topic else f"{key}\n{brand}"
    return int.from_bytes(blake2b(named.encode(), digest_size=8).digest(), "big")


def post_tag(post: str) -> int:
    """16 bits that tell the last few posts of one author apart."""
    return crc32(post.encode()) & _TAG


def post_tags(posts: Sequence[str | None], otherwise: NDArray[np.int64]) -> NDArray[np.int64]:
    """``post_tag`` of each; of a post that is not named, ``otherwise``."""
    if None not in posts:
        return _crcs(cast("Sequence[str]", posts)) & _TAG
    tags = _crcs([post or "" for post in posts])
    return np.where([post is None for post in posts], otherwise, tags) & _TAG


def partitions_of(keys: Sequence[str], partitions: int) -> NDArray[np.int64]:
    """``feed.partition_of`` of each."""
    return _crcs(keys) % partitions


def _crcs(texts: Sequence[str]) -> NDArray[np.int64]:
    return np.fromiter(map(crc32, map(str.encode, texts)), np.int64, len(texts))


def pseudonym(account: int) -> str:
    """How an account is shown: the first half of its key, where that is a pseudonym."""
    return f"{account:016x}"
