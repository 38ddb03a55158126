"""What the words around a word of danger make of it: denied, only possible, or told of somebody else."""

from collections.abc import Iterable, Mapping, Sequence

from ahocorasick_rs import AhoCorasick, Implementation

from pipeline.text.normalise import fold, is_spaced

_CLAUSE_ENDS = ".!?;,\n。"
_SKIPPED = 4  # words of ``between`` at most before a word


class Circumstances:
    """Judges folded texts by the tables ``context`` and ``elsewhere`` of ``lexicons/safety.toml``."""

    def __init__(self, context: Mapping[str, Sequence[str]], elsewhere: Mapping[str, Sequence[str]]) -> None:
        self._denied, self._possible = _Ending(context["negated"]), _Ending(context["possible"])
        self._between = _Ending(context["between"])
        self._conditions = _Anywhere(context["condition"])
        self._told = _Anywhere([*elsewhere["news"], *elsewhere["fiction"]])
        self._lived = _Anywhere(elsewhere["own"])

    def elsewhere(self, text: str) -> bool:
        """Whether somebody tells the whole of ``text`` whom it did not happen to."""
        return self._told.within(text) and not self._lived.within(text)

    def denied(self, before: str) -> bool:
        """Whether what comes right after ``before`` did not happen."""
        return self._leads(before, self._denied)

    def possible(self, before: str) -> bool:
        """Whether what comes after ``before`` may happen, or would under a condition named in the same clause."""
        if self._leads(before, self._possible):
            return True
        clause = before[max(map(before.rfind, _CLAUSE_ENDS)) + 1 :]
        return self._conditions.within(clause)

    def _leads(self, before: str, words: "_Ending") -> bool:
        """Whether one of ``words`` ends ``before``, with nothing but words of ``between`` behind it."""
        for _ in range(_SKIPPED + 1):
            before = before.rstrip()
            found, skipped = words.of(before), self._between.of(before)
            if found >= max(skipped, 1):  # "whether" is no "not", though it may end with one
                return True
            if not skipped:
                return False
            before = before[:-skipped]
        return False


class _Ending:
    """Words that a text may end with."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_last: dict[str, list[str]] = {}
        for word in sorted(set(map(fold, words)), key=len, reverse=True):
            self._by_last.setdefault(word[-1], []).append(word)

    def of(self, text: str) -> int:
        """Length of the longest word that ends ``text``; 0 if none does."""
        for word in self._by_last.get(text[-1:], ()):
            if text.endswith(word) and _whole(text, len(text) - len(word), len(text)):
                return len(word)
        return 0


class _Anywhere:
    """Words that may be anywhere in a text."""

    def __init__(self, words: Iterable[str]) -> None:
        self._automaton = AhoCorasick(sorted({fold(word) for word in words}), implementation=Implementation.DFA)

    def within(self, text: str) -> bool:
        """Whether one of the words is in ``text``, as a whole word."""
        found = self._automaton.find_matches_as_indexes(text, overlapping=True)
        return any(_whole(text, start, end) for _, start, end in found)


def _whole(text: str, start: int, end: int) -> bool:
    """Whether no Latin letter continues what is between two positions."""
    if start and is_spaced(text[start]) and is_spaced(text[start - 1]):
        return False
    return not (end < len(text) and is_spaced(text[end - 1]) and is_spaced(text[end]))
