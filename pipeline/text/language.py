"""Tell simplified Chinese, traditional Chinese and English from everything else, by script and frequent words."""

import re

from schemas.vocabulary import Language

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+")
_FOREIGN = re.compile("[\u0370-\u1dff\u1f00-\u1fff\u3040-\u30fa\u3131-\u318e\uac00-\ud7a3]+")  # other scripts
_NOISE = re.compile(r"https?://\S+|[@#][\w-]+|&\w+;")
_ACCENTED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
_LETTERS_PER_HAN = 4  # a Chinese character says about as much as four Latin letters
_ENGLISH = frozenset(
    "the a an and "  # noqa: SIM905  # words in a row read better than a list
    "or but is are was were be been am i i'm my me you your it its this that these of to in on "
    "for with at from by as not no so if have has had do does did don't can can't will would just get got "
    "what why how when who they them their we our he she his her there here out up all any some now never "
    "than then too very about".split()
)
_NOT_ENGLISH = frozenset(
    "de la el "  # noqa: SIM905  # same
    "los las un una que y en por para es se del al muy pero como más está le les des et est une pas "
    "pour dans je tu il nous vous avec qui ne au du mais der das und ist nicht ich ein eine mit zu den auf "
    "von für sie wir aber di che non sono della os um uma não em com het een van niet dat ik bir ve bu için "
    "çok yang dan ini itu tidak untuk saya ada dengan ang mga sa ng".split()
)


class LanguageFinder:
    """Knows which characters belong to one Chinese script alone: those that only its national charset encodes."""

    def __init__(self) -> None:
        han = [chr(code) for code in range(0x4E00, 0xA000)]
        simplified = {char for char in han if _encodable(char, "gb2312")}
        traditional = {char for char in han if _encodable(char, "big5hkscs")}
        self._simplified = re.compile(f"[{''.join(sorted(simplified - traditional))}]+")
        self._traditional = re.compile(f"[{''.join(sorted(traditional - simplified))}]+")

    def language(self, text: str) -> Language:
        """The language of most of ``text``; "other" where no letter tells. Links, mentions, hashtags never count."""
        if text.isascii():
            return _latin(text)
        han = _count(_HAN, text)
        if 2 * han >= len(text) and not _FOREIGN.search(text):
            return self._script(text)
        foreign = _count(_FOREIGN, text)
        letters = _count(_LATIN, _NOISE.sub(" ", text)) if _LATIN.search(text) else 0
        if foreign * _LETTERS_PER_HAN > han and foreign > letters / _LETTERS_PER_HAN:
            return "other"
        if not han or han * _LETTERS_PER_HAN < letters:
            return _latin(text)
        return self._script(text)

    def _script(self, text: str) -> Language:
        traditional = _count(self._traditional, text)
        return "zh-Hant" if traditional and traditional > _count(self._simplified, text) else "zh-Hans"


def _count(chars: re.Pattern[str], text: str) -> int:
    return len("".join(chars.findall(text)))


def _latin(text: str) -> Language:
    words = text.replace("\u2019", "'").lower().split()
    english = len(_ENGLISH.intersection(words))
    foreign = len(_NOT_ENGLISH.intersection(words)) + len(_ACCENTED.findall(text)) / 2
    return "en" if english >= foreign and _LATIN.search(text) else "other"


def _encodable(char: str, charset: str) -> bool:
    try:
        char.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
