"""Count distinct authors in a few hundred bytes: the k smallest hash values (Bar-Yossef et al., 2002)."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from hashlib import blake2b

SIZE = 64  # hashes kept; the standard error above it is 1 / sqrt(SIZE - 2), about 13 %
_RANGE = 2**63


def author_hash(key: str) -> int:
    """A uniform hash of an author key in [0, 2**63), the same in every process."""
    return int.from_bytes(blake2b(key.encode(errors="surrogatepass"), digest_size=8).digest()) >> 1


def distinct_of(hashes: Sequence[int], size: int) -> int:
    """Distinct values behind the ``size`` smallest hashes, ascending: exact below ``size`` of them."""
    if len(hashes) < size:
        return len(hashes)
    return max(size, round((size - 1) * _RANGE / max(1, hashes[-1])))


class Distinct:
    """The smallest ``SIZE`` distinct hashes seen. Order and repetition of what is added never show."""

    __slots__ = ("_hashes",)

    def __init__(self, hashes: Iterable[int] = ()) -> None:
        self._hashes = sorted(set(hashes))[:SIZE]

    def add(self, value: int) -> None:
        """Count one hash, as ``author_hash`` makes it."""
        hashes = self._hashes
        if len(hashes) == SIZE and value >= hashes[-1]:
            return
        place = bisect_left(hashes, value)
        if place < len(hashes) and hashes[place] == value:
            return
        hashes.insert(place, value)
        del hashes[SIZE:]

    def merge(self, hashes: Iterable[int]) -> None:
        """Take in the ``smallest`` of another sketch: the result is the sketch of both streams."""
        self._hashes = sorted({*self._hashes, *hashes})[:SIZE]

    def estimate(self) -> int:
        """Distinct hashes seen: exact below ``SIZE``, else (k - 1) / (k-th smallest as a share of the range)."""
        return distinct_of(self._hashes, SIZE)

    def smallest(self) -> tuple[int, ...]:
        """The hashes kept, ascending."""
        return tuple(self._hashes)
