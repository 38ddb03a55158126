"""Find danger, fraud and law in posts by an auditable list of words: recall first, with overrides per brand."""

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, Implementation

from pipeline.text.circumstances import Circumstances
from pipeline.text.folding import folded
from pipeline.text.normalise import fold, is_spaced
from pipeline.text.understanding import MOST_WHY, Understood
from pipeline.watchlist_entries import Overrides

DANGER, HAZARD, MILD, NOTHING = 3, 2, 1, 0  # as severities
LEAST = 0.2  # complaint probability below which words do not matter: news, films, jokes
_LEVELS = {"danger": DANGER, "hazard": HAZARD}
_EXCEPTION, _IGNORED = "exception", "ignored"
_ORDER = ("danger", "hazard", _EXCEPTION, _IGNORED)  # of kinds, where one word is of several
_ANY = ""  # stands for all brands that change nothing
_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789")
_BEFORE = 90  # bytes before a word that are read for what they make of it

Hit = tuple[int, int, int]  # number of the entry, first byte, byte after the last


class Alarms(NamedTuple):
    """Columns, one element per text."""

    level: list[int]  # 3 danger, 2 hazard, 0 nothing
    words: list[tuple[str, ...]]  # that decided the level, as the folded text has them
    figurative: list[bool]  # whether words only look alarming, as in "a throat on fire", and no others alarm


class Entry(NamedTuple):
    """One word of the lists; ``kind`` is danger, hazard, exception or ignored."""

    word: str
    kind: str
    owners: Collection[str] = ()  # brands in whose posts it counts; all if none are named


class Safety:
    """Knows the words of ``lexicons/safety.toml`` and those that brands, by their ids, add or ignore.

    ``least`` is the complaint probability from which on they raise the severity.
    """

    def __init__(self, overrides: Mapping[str, Overrides] | None = None, least: float = LEAST) -> None:
        changes, self._least = overrides or {}, least
        lists = lexicon()
        self._circumstances = Circumstances(lists.pop("context"), lists.pop("elsewhere"))
        self._entries = [*_shared(lists), *_of_brands(changes)]
        words = [entry.word for entry in self._entries]
        self._edges = [(is_spaced(word[0]), is_spaced(word[-1])) for word in words]  # a stem ends in "*": no edge
        self._automaton = BytesAhoCorasick(
            [word.rstrip("*").encode() for word in words], implementation=Implementation.DFA
        )
        self._brands = frozenset(changes)
        folded(())  # compiles now, not while a consumer is waited for

    def level(self, texts: Sequence[str], brands: Sequence[Sequence[str]] | None = None) -> Alarms:
        """How alarming the words of each text are; for the one of the brands it names whom they alarm most."""
        alarms = Alarms([NOTHING] * len(texts), [()] * len(texts), [False] * len(texts))
        data = folded(texts).tobytes().decode("utf-32-le", "surrogatepass").encode(errors="replace")
        for number, hits in self._by_text(data):
            named = brands[number] if brands is not None else ()
            views = {brand if brand in self._brands else _ANY for brand in named} or {_ANY}
            alarms.level[number], alarms.words[number] = max(self._judge(hits, data, brand) for brand in views)
            if not alarms.words[number]:
                alarms.figurative[number] = all(self._figurative(hits, brand) for brand in views)
        return alarms

    def raised(
        self, read: Understood, texts: Sequence[str], brands: Sequence[Sequence[str]] | None = None
    ) -> Understood:
        """What a reader understood of ``texts``, the severity of likely complaints at least that of their words.

        What the reader takes for danger is mild where the words are a figure of speech: it has no list of those.
        """
        severity, why = list(read.severity), list(read.why)
        rows = [row for row, p in enumerate(read.complaint_p) if p >= self._least]
        alarms = self.level([texts[row] for row in rows], brands and [brands[row] for row in rows])
        for row, level, words, figurative in zip(rows, *alarms, strict=True):
            if level > severity[row]:
                severity[row] = level
                why[row] = tuple(dict.fromkeys((*words, *why[row])))[:MOST_WHY]
            elif figurative and severity[row] == DANGER:
                severity[row] = MILD
        return read._replace(severity=severity, why=why)

    def _by_text(self, data: bytes) -> Iterator[tuple[int, list[Hit]]]:
        """Whole words found, by the number of the text they are in; ``data`` has a separator at both ends."""
        number, position = -1, 0
        group: list[Hit] = []
        for hit in self._automaton.find_matches_as_indexes(data, overlapping=True):
            entry, start, end = hit
            starts_word, ends_word = self._edges[entry]
            if (starts_word and data[start - 1] in _LETTERS) or (ends_word and data[end] in _LETTERS):
                continue
            passed = data.count(b"\0", position, start)
            if passed and group:
                yield number, group
                group = []
            number, position = number + passed, max(position, start)
            group.append(hit)
        if group:
            yield number, group

    def _judge(self, hits: Iterable[Hit], data: bytes, brand: str) -> tuple[int, tuple[str, ...]]:
        """The level of one text, and the words that decide it, for a brand."""
        words = list(self._counted(hits, brand))
        if not words:
            return NOTHING, ()
        begin, end = data.rfind(b"\0", 0, words[0][1]) + 1, data.find(b"\0", words[0][1])
        if self._circumstances.elsewhere(data[begin:end].decode(errors="replace")):
            return NOTHING, ()
        levels: dict[str, int] = {}
        for number, start, end in words:
            word = data[start : _word_end(data, end)].decode()
            if levels.get(word) != DANGER:
                before = data[max(begin, start - _BEFORE) : start].decode(errors="ignore")
                levels[word] = max(levels.get(word, NOTHING), self._level(number, before))
        most = max(levels.values())
        return most, tuple(word for word, level in levels.items() if level == most > NOTHING)

    def _figurative(self, hits: Iterable[Hit], brand: str) -> bool:
        """Whether the words of a text begin in exceptions, all of those that count for a brand."""
        ours = list(hits)
        return any(self._entries[one[0]].kind == _EXCEPTION for one in ours) and not any(self._counted(ours, brand))

    def _counted(self, hits: Iterable[Hit], brand: str) -> Iterator[Hit]:
        """Words that a brand does not ignore, that are not inside a longer one, and do not begin in an exception."""
        ours = [hit for hit in hits if brand in (self._entries[hit[0]].owners or (brand,))]
        ignored = {byte for number, *span in ours if self._entries[number].kind == _IGNORED for byte in range(*span)}
        reach = exempt = 0
        for hit in sorted(ours, key=lambda hit: (hit[1], -hit[2], _ORDER.index(self._entries[hit[0]].kind))):
            number, start, end = hit
            if end <= reach or start < exempt or not ignored.isdisjoint(range(start, end)):
                continue
            reach = end
            if self._entries[number].kind == _EXCEPTION:
                exempt = end
            else:
                yield hit

    def _level(self, number: int, before: str) -> int:
        if self._circumstances.denied(before):
            return NOTHING
        level = _LEVELS[self._entries[number].kind]
        return HAZARD if level > HAZARD and self._circumstances.possible(before) else level


def lexicon() -> dict[str, dict[str, list[str]]]:
    """The tables of ``lexicons/safety.toml``."""
    return tomllib.loads(files("pipeline.text").joinpath("lexicons", "safety.toml").read_text(encoding="utf-8"))


def _word_end(data: bytes, position: int) -> int:
    """Where the Latin word ends whose stem ends at ``position``."""
    while data[position - 1] in _LETTERS and data[position] in _LETTERS:
        position += 1
    return position


def _shared(topics: Mapping[str, Mapping[str, Sequence[str]]]) -> Iterator[Entry]:
    for topic, labels in topics.items():
        for label, words in labels.items():
            for word in words:
                yield Entry(fold(word), _EXCEPTION if topic == "exceptions" else label)


def _of_brands(overrides: Mapping[str, Overrides]) -> Iterator[Entry]:
    for brand, one in overrides.items():
        for word in one.add:
            yield Entry(fold(word), "danger", (brand,))
        for word in one.ignore:
            yield Entry(fold(word), _IGNORED, (brand,))
