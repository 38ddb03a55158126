"""Accounts and posts as numbers, so that a million of them fit into arrays."""

from hashlib import blake2b

_PSEUDONYM = 32  # hexadecimal digits of an author_key


def account_id(key: str) -> int:
    """64 bits of an account: the first half of its pseudonym; of a key that is none, BLAKE2b.

    Among 10 million accounts a false match has odds of 1 in 370,000.
    """
    if len(key) == _PSEUDONYM:
        try:
            return int.from_bytes(bytes.fromhex(key)[:8], "big")
        except ValueError:
            pass  # as long as a pseudonym, and none
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big")


def author_in_brand(key: str, brand: str) -> int:
    """The account as far as it speaks about one brand: an account of its own."""
    return int.from_bytes(blake2b(f"{key}\n{brand}".encode(), digest_size=8).digest(), "big")


def post_tag(post: str) -> int:
    """16 bits that tell the last few posts of one author apart."""
    return int.from_bytes(blake2b(post.encode(), digest_size=2).digest(), "big")


def pseudonym(account: int) -> str:
    """How an account is shown: the first half of its key, where that is a pseudonym."""
    return f"{account:016x}"
