"""Fold text so that spellings of one word compare equal: width, case, compatibility forms, traditional characters."""

import re
import unicodedata
from functools import cache

from pipeline.text.han import SIMPLIFIED, TRADITIONAL

TABLE = 0x20000  # code points above it are rare Han, and hardly any of them folds
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufe0e\ufe0f\ufeff"
_FOLDS = str.maketrans(TRADITIONAL, SIMPLIFIED) | dict.fromkeys(map(ord, _INVISIBLE))
_PUNCTUATION = tuple(zip("，。！？：；（）～　’‘“”", ",。!?:;()~ ''\"\"", strict=True))
# Everything a fold may change: not ASCII, kana, Hangul, simplified characters, CJK punctuation or pictographs.
_UNUSUAL = re.compile(
    "([\x80-\u3000\u3020-\u3040\u3097-\u30a0\u30fb-\u33ff\ua000-\uabff\ud7a4-\U0001f2ff\U0001fb00-\U0010ffff"
    f"{TRADITIONAL}]+)"
)
_MEMO_LENGTH = 8  # longer runs hardly come back
_MEMO_SIZE = 65_536


class _Folds(dict[str, str]):
    """Memo of folded runs; a dict, so that a whole post is looked up without a Python call per run."""

    def __missing__(self, run: str) -> str:
        once = unicodedata.normalize("NFKC", run.translate(_FOLDS)).casefold()
        folded = unicodedata.normalize("NFKC", once).translate(_FOLDS)
        if len(run) <= _MEMO_LENGTH and len(self) < _MEMO_SIZE:
            self[run] = folded
        return folded


_FOLDED = _Folds()


def fold(text: str) -> str:
    """``text`` in NFKC and without case, in simplified characters, no invisible ones. Folding twice changes nothing.

    Only runs that can change are folded: NFKC over a whole Chinese post costs more than everything else together.
    """
    if text.isascii():
        return text.lower()
    composed = unicodedata.normalize("NFC", text)
    for wide, narrow in _PUNCTUATION:
        composed = composed.replace(wide, narrow)
    parts = _UNUSUAL.split(composed)
    parts[1::2] = map(_FOLDED.__getitem__, parts[1::2])
    return "".join(parts).lower()


@cache
def folds() -> list[str]:
    """What each code point below ``TABLE`` becomes alone."""
    return [chr(0), *fold("\0".join(map(chr, range(1, TABLE)))).split("\0")]


def is_cjk(char: str) -> bool:
    """Whether ``char`` belongs to a script written without spaces: Han, kana or Hangul."""
    return "\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3" or "\U00020000" <= char <= "\U000323af"


def is_spaced(char: str) -> bool:
    """Whether ``char`` is a letter or digit of Latin, Greek, Cyrillic or Armenian, where a space ends the word."""
    return char.isalnum() and (char < "\u0590" or "\u1e00" <= char < "\u2000")
