"""Read what a brand says about words of danger: words to add to the lists of the package, and words to ignore."""

from msgspec import UNSET, UnsetType

from pipeline.text.normalise import fold, is_cjk
from pipeline.watchlist_entries import Overrides
from pipeline.watchlist_errors import Field

_LISTS = ("add", "ignore")
_MAX_WORD = 100  # characters


def overrides(field: Field) -> Overrides | UnsetType:
    """The ``safety`` of a brand; unset if it says nothing, so that it is no change of the rules."""
    found = field.fields(_LISTS)
    words = {name: _words(found[name]) for name in _LISTS if name in found}
    added, ignored = (words.get(name, {}) for name in _LISTS)
    for folded, item in ignored.items():
        if folded in added:
            item.blame(f"'{item.text()}' is added in line {added[folded].line}; keep it in one of the lists")
    if not added and not ignored:
        return UNSET
    return Overrides(add=tuple(item.text() for item in added.values()),
                     ignore=tuple(item.text() for item in ignored.values()))  # fmt: skip


def _words(field: Field) -> dict[str, Field]:
    """The words of a list by what they fold to."""
    words: dict[str, Field] = {}
    for item in field.items():
        word = item.text()
        folded = fold(word)
        stem = folded.rstrip("*")
        if not word:
            continue
        if not any(map(str.isalnum, stem)):
            item.blame(f"'{word}' has no letter or digit; write a word")
        elif len(stem) == 1 and not is_cjk(stem):
            item.blame(f"'{word}' is too short to mean one thing; write at least two characters")
        elif "*" in stem:
            item.blame(f"'{word}' has a '*' inside; write it at the end only, for any ending")
        elif len(word) > _MAX_WORD:
            item.blame(f"this has {len(word)} characters; write at most {_MAX_WORD}")
        if folded in words:
            item.blame(f"'{word}' is there twice (line {words[folded].line}); keep one")
        words[folded] = item
    return words
