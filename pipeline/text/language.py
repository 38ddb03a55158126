"""Tell simplified Chinese, traditional Chinese and English from everything else, by script and frequent words."""

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.text.language_signs import (
    ACCENTED,
    FOREIGN,
    HAN,
    LATIN,
    POINTS,
    SIMPLIFIED,
    SLOTS,
    SPACE,
    TRADITIONAL,
    WORD,
    Signs,
    is_a,
    signs,
    slot_of,
)
from pipeline.text.model.canonical import Packed, Points
from pipeline.text.model.features import extended
from schemas.vocabulary import Language

_LANGUAGES: tuple[Language, ...] = ("zh-Hans", "zh-Hant", "en", "other")
_HANS, _HANT, _EN, _OTHER = range(len(_LANGUAGES))
_LETTERS_PER_HAN = 4  # a Chinese character says about as much as four Latin letters
_PER_ACCENT = 2  # accented letters that say as much as a frequent word
_HTTP = (0x68, 0x74, 0x74, 0x70)
_S, _COLON, _SLASH, _AT, _HASH, _AND, _SEMICOLON, _HYPHEN = 0x73, 0x3A, 0x2F, 0x40, 0x23, 0x26, 0x3B, 0x2D


def languages(batch: Packed) -> list[Language]:
    """The language of most of each text; "other" where no letter tells. Links, mentions, hashtags never count."""
    found, seen = np.empty(len(batch.bounds) - 1, np.uint8), np.full(SLOTS, -1, np.int64)
    _find(batch.points, batch.bounds, signs(), seen, found)
    return [_LANGUAGES[one] for one in found.tolist()]


@numba.njit(nogil=True, cache=True)
def _find(
    points: Points, bounds: NDArray[np.int64], known: Signs, seen: NDArray[np.int64], found: NDArray[np.uint8]
) -> None:  # fmt: skip
    """Fill in the languages; ``seen`` has the number of the last text in which each word was."""
    for number in range(len(bounds) - 1):
        text = points[bounds[number] : bounds[number + 1]]
        found[number] = _language(text, known, seen, number)


@numba.njit(nogil=True, cache=True)
def _language(text: Points, known: Signs, seen: NDArray[np.int64], number: int) -> int:
    han = latin = foreign = accents = simplified = traditional = 0
    for point in text:
        of = known.classes[point] if point < POINTS else np.uint8(0)
        han += of & HAN != 0
        latin += of & LATIN != 0
        foreign += of & FOREIGN != 0
        accents += of & ACCENTED != 0
        simplified += of & SIMPLIFIED != 0
        traditional += of & TRADITIONAL != 0
    if han == 0 or 2 * han < len(text) or foreign:
        letters = _letters(text, known.classes) if latin and (han or foreign) else latin
        if foreign * _LETTERS_PER_HAN > max(han, letters):
            return _OTHER
        if not han or han * _LETTERS_PER_HAN < letters:
            return _EN if latin and _is_english(text, known, accents, seen, number) else _OTHER
    return _HANT if traditional > simplified else _HANS


@numba.njit(nogil=True, cache=True)
def _letters(text: Points, classes: NDArray[np.uint8]) -> int:
    """How many Latin letters there are outside links, names, hashtags and HTML entities."""
    count = position = 0
    while position < len(text):
        past = _noise_end(text, position, classes)
        if past > position:
            position = past
        else:
            count += is_a(text[position], LATIN, classes)
            position += 1
    return count


@numba.njit(nogil=True, cache=True)
def _noise_end(text: Points, start: int, classes: NDArray[np.uint8]) -> int:
    """Where what is no language ends that begins at ``start``; ``start`` if there is none."""
    point, end = text[start], start + 1
    if point == _HTTP[0]:
        end = _scheme_end(text, start)
        first = end
        while end > start and end < len(text) and not is_a(text[end], SPACE, classes):
            end += 1
        return end if end > first else start
    if point not in (_AT, _HASH, _AND):
        return start
    while end < len(text) and (is_a(text[end], WORD, classes) or (text[end] == _HYPHEN and point != _AND)):
        end += 1
    if end == start + 1:
        return start
    if point != _AND:
        return end
    return end + 1 if end < len(text) and text[end] == _SEMICOLON else start


@numba.njit(nogil=True, cache=True)
def _scheme_end(text: Points, start: int) -> int:
    """Where the http:// or https:// ends that begins at ``start``; ``start`` if there is none."""
    end = start
    for letter in (*_HTTP, _S, _COLON, _SLASH, _SLASH):
        if end < len(text) and text[end] == letter:
            end += 1
        elif letter != _S:
            return start
    return end


@numba.njit(nogil=True, cache=True)
def _is_english(text: Points, known: Signs, accents: int, seen: NDArray[np.int64], number: int) -> bool:
    """Whether frequent words are English, each counted once, rather than of a language that accents speak for, too."""
    hashed, balance = np.uint64(0), -accents
    for position in range(len(text) + 1):
        if position < len(text) and not is_a(text[position], SPACE, known.classes):
            point = text[position]
            hashed = extended(hashed, known.small[point] if point < POINTS else point)
            continue
        slot = slot_of(hashed, known.words)
        if known.words[slot] and seen[slot] != number:
            seen[slot] = number
            balance += _PER_ACCENT if known.english[slot] else -_PER_ACCENT
        hashed = np.uint64(0)
    return balance >= 0
