"""Find the cues of the word lists in a folded text: Aho-Corasick, whole words, the longest first."""

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, Implementation

from pipeline.text.normalise import fold, is_spaced

_STRENGTHS = {"mild": 1.0, "plain": 2.0, "strong": 3.0}
_SIGNS = {"positive": 1.0, "negative": -1.0}
_SAFETY = "safety.toml"  # of pipeline/text/safety.py
_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789")


class Term(NamedTuple):
    """What one entry of the lists says. ``marks`` are its other ``<table>.<label>``s."""

    weight: float  # -3 worst, 3 best, 0 no feeling
    shift: str  # what it does to the feelings after it: negate, intensify, soften, contrast or ""
    marks: tuple[str, ...]


Cue = tuple[Term, int, int]  # an entry found, its first byte, the byte after its last


class Cues:
    """The word lists of all languages, in one automaton: a post may mix them."""

    def __init__(self) -> None:
        roles: dict[str, list[tuple[str, str]]] = {}
        for word, table, label in _entries():
            roles.setdefault(word, []).append((table, label))
        self._terms = [_term(found) for found in roles.values()]
        self._edges = [(is_spaced(word[0]), is_spaced(word[-1])) for word in roles]  # a stem ends in "*": no edge
        self._automaton = BytesAhoCorasick(
            [word.rstrip("*").encode() for word in roles], implementation=Implementation.DFA
        )

    def find(self, data: bytes) -> list[Cue]:
        """Cues of a folded text in UTF-8, from left to right, none overlapping."""
        edges = self._edges
        hits = [
            (start, -end, number)
            for number, start, end in self._automaton.find_matches_as_indexes(data, overlapping=True)
            if not (edges[number][0] and start and data[start - 1] in _LETTERS)
            and not (edges[number][1] and end < len(data) and data[end] in _LETTERS)
        ]
        hits.sort()
        cues, free = [], 0
        for start, minus_end, number in hits:
            if start >= free:
                free = -minus_end
                cues.append((self._terms[number], start, free))
        return cues


def _entries() -> Iterator[tuple[str, str, str]]:
    lists = files("pipeline.text").joinpath("lexicons").iterdir()
    languages = (file for file in lists if file.name.endswith(".toml") and file.name != _SAFETY)
    for file in sorted(languages, key=lambda file: file.name):
        for table, labels in tomllib.loads(file.read_text(encoding="utf-8")).items():
            for label, words in labels.items():
                for word in words:
                    yield fold(word), table, label


def _term(roles: list[tuple[str, str]]) -> Term:
    weight = sum(_SIGNS[table] * _STRENGTHS[label] for table, label in roles if table in _SIGNS)
    shift = next((label for table, label in roles if table == "shift"), "")
    marks = {f"{table}.{label}" for table, label in roles if table not in _SIGNS and table != "shift"}
    return Term(weight, shift, tuple(sorted(marks)))
