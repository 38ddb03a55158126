"""Which brands, products, regions and campaigns posts name: Aho-Corasick over all aliases of the watch list."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick

from pipeline.text.normalise import fold, is_spaced
from pipeline.watchlist_entries import Brand, WatchList

_SEPARATOR = "\0"
_UTF8_LONGEST = 4  # bytes of one character
_MAYBE_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789") | frozenset(range(0x80, 0x100))
_MEMO_LIMIT = 100_000  # combinations of aliases remembered

Hit = tuple[int, int, int]  # number of the alias, first byte, byte after the last


class Match(NamedTuple):
    """Sorted ids. Products, regions and campaigns are those of ``brands``, each as ``<brand>/<id>``."""

    brands: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()


class Meaning(NamedTuple):
    """One thing an alias stands for; ``kind`` is a field of ``Match``, ``name`` what that field then holds."""

    kind: str
    brand: str
    name: str


class BrandMatcher:
    """Finds aliases in any case, width or Chinese script; Latin ones as whole words, spaced or written together.

    An alias inside a longer alias of another brand does not count ("united" in "manchester united").
    """

    def __init__(self, watchlist: WatchList) -> None:
        meanings: dict[str, set[Meaning]] = {}
        for brand in watchlist.brands:
            for alias, meaning in _meanings(brand):
                for spelled in {fold(alias), fold(alias).replace(" ", "")}:
                    meanings.setdefault(spelled, set()).add(meaning)
        self._meanings = [frozenset(found) for found in meanings.values()]
        self._brands = [frozenset(meaning.brand for meaning in found) for found in self._meanings]
        self._edges = [(is_spaced(alias[0]), is_spaced(alias[-1])) for alias in meanings]
        self._automaton = BytesAhoCorasick([alias.encode() for alias in meanings])
        self._memo: dict[frozenset[int], Match] = {}

    def match_one(self, text: str) -> Match:
        """What one text names."""
        return self.match([text])[0]

    def match(self, texts: Sequence[str]) -> list[Match]:
        """What each text names; one pass over all of them, because the cost is in the calls."""
        matches = [Match()] * len(texts)
        joined = _SEPARATOR.join(texts)
        if joined.count(_SEPARATOR) >= max(1, len(texts)):
            joined = _SEPARATOR.join(text.replace(_SEPARATOR, " ") for text in texts)
        data = f"{_SEPARATOR}{fold(joined)}{_SEPARATOR}".encode(errors="replace")
        for number, hits in _by_text(self._hits(data), data):
            matches[number] = self._resolve(hits)
        return matches

    def _hits(self, data: bytes) -> list[Hit]:
        """In the order of their ends, each a whole word; ``data`` has a separator at both ends."""
        hits = []
        for hit in self._automaton.find_matches_as_indexes(data, overlapping=True):
            alias, start, end = hit
            starts_word, ends_word = self._edges[alias]
            if starts_word and data[start - 1] in _MAYBE_LETTERS and _letter_before(data, start):
                continue
            if ends_word and data[end] in _MAYBE_LETTERS and _letter_at(data, end):
                continue
            hits.append(hit)
        return hits

    def _resolve(self, hits: list[Hit]) -> Match:
        key = frozenset([alias for alias, _, _ in hits])
        if len(key) > 1:
            key = frozenset(self._outermost(hits))
        match = self._memo.get(key)
        if match is None:
            match = _combine([meaning for alias in key for meaning in self._meanings[alias]])
            if len(self._memo) < _MEMO_LIMIT:
                self._memo[key] = match
        return match

    def _outermost(self, hits: list[Hit]) -> Iterator[int]:
        """Aliases that stand somewhere else than inside a longer one of other brands."""
        around: list[Hit] = []
        for alias, start, end in sorted(hits, key=lambda hit: (hit[1], -hit[2])):
            around = [longer for longer in around if longer[2] > start]
            brands = self._brands[alias]
            if all(longer[2] < end or brands & self._brands[longer[0]] for longer in around):
                yield alias
            around.append((alias, start, end))


def _meanings(brand: Brand) -> Iterator[tuple[str, Meaning]]:
    for alias in brand.aliases:
        yield alias, Meaning("brands", brand.id, brand.id)
    groups = (("products", brand.products), ("regions", brand.regions), ("campaigns", brand.campaigns))
    for kind, facets in groups:
        for facet in facets:
            for alias in facet.aliases:
                yield alias, Meaning(kind, brand.id, f"{brand.id}/{facet.id}")


def _combine(meanings: Iterable[Meaning]) -> Match:
    found = list(meanings)
    brands = {meaning.brand for meaning in found if meaning.kind != "regions"}
    names: dict[str, set[str]] = {}
    for meaning in found:
        if meaning.brand in brands:
            names.setdefault(meaning.kind, set()).add(meaning.name)
    names["brands"] = brands
    return Match(**{kind: tuple(sorted(found)) for kind, found in names.items()})


def _letter_before(data: bytes, start: int) -> bool:
    return is_spaced(data[max(0, start - _UTF8_LONGEST) : start].decode(errors="ignore")[-1])


def _letter_at(data: bytes, end: int) -> bool:
    return is_spaced(data[end : end + _UTF8_LONGEST].decode(errors="ignore")[0])


def _by_text(hits: Iterable[Hit], data: bytes) -> Iterator[tuple[int, list[Hit]]]:
    """Hits grouped by the number of the text they are in."""
    number, end = -1, 0
    group: list[Hit] = []
    for hit in hits:
        if hit[1] > end:
            if group:
                yield number, group
                group = []
            while hit[1] > end:
                number, end = number + 1, data.find(0, end + 1)
        group.append(hit)
    if group:
        yield number, group
