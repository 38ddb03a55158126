"""Who speaks in the demo, where, and in which words."""

import json
import re
from collections import defaultdict
from importlib.resources import files
from random import Random
from typing import NamedTuple

from schemas.author import Author
from schemas.vocabulary import Channel, Language, Platform, PostKind, Visibility

_SLOT = re.compile(r"\{(\w+)\}")
_BOOKS = ("zelvo", "munchkite", "aurelane", "passers_by", "words")
_FLATNESS = 60  # the busiest of 4,000 accounts writes 1 post in 270
_OPENED, _TAILED = 0.35, 0.6  # shares of posts with an opener, with a tail


class Place(NamedTuple):
    """Where people post, and in which form."""

    platform: Platform
    channel: Channel
    kind: PostKind = "post"
    visibility: Visibility = "public"


_PLACES: dict[Language, dict[Place, int]] = {  # weights; the first is where people repost
    "zh-Hans": {
        Place("weibo", "microblog"): 46,
        Place("xiaohongshu", "blog"): 12,
        Place("bilibili", "video", "comment"): 12,
        Place("douyin", "video", "comment"): 9,
        Place("zhihu", "forum", "reply"): 7,
        Place("appstore", "review", "review"): 6,
        Place("wechat", "messaging", "message", "direct"): 5,
        Place("call_centre", "call", "transcript", "private"): 3,
    },
    "zh-Hant": {
        Place("facebook", "microblog"): 34,
        Place("forum", "forum"): 38,
        Place("youtube", "video", "comment"): 18,
        Place("appstore", "review", "review"): 6,
        Place("email", "email", "message", "private"): 4,
    },
    "en": {
        Place("x", "microblog"): 44,
        Place("reddit", "forum", "comment"): 24,
        Place("youtube", "video", "comment"): 14,
        Place("appstore", "review", "review"): 8,
        Place("email", "email", "message", "private"): 6,
        Place("webchat", "messaging", "message", "direct"): 4,
    },
}


class Cast:
    """Authors and sentences. ``crowd`` is the number of accounts per language; all choices come from ``rng``."""

    def __init__(self, rng: Random, crowd: int) -> None:
        self._rng = rng
        self._sentences = _sentences()
        self._followers = {lang: [int(rng.lognormvariate(5.5, 1.7)) for _ in range(crowd)] for lang in _PLACES}

    def regular(self, lang: Language) -> Author:
        """Somebody, by a Zipf-Mandelbrot law: rank r writes in proportion to 1 / (r + crowd / _FLATNESS)."""
        crowd = len(self._followers[lang])
        return self._author(lang, int(crowd / _FLATNESS * ((_FLATNESS + 1) ** self._rng.random() - 1)))

    def anyone(self, lang: Language) -> Author:
        """Somebody, each account as likely as the next: a crisis makes people write who never do."""
        return self._author(lang, self._rng.randrange(len(self._followers[lang])))

    def _author(self, lang: Language, rank: int) -> Author:
        return Author(author_key=f"demo-{lang}-{rank}", type="person", followers=self._followers[lang][rank])

    def place(self, lang: Language) -> Place:
        """Where this post stands."""
        return self._rng.choices(list(_PLACES[lang]), list(_PLACES[lang].values()))[0]

    def square(self, lang: Language) -> Place:
        """Where people repost."""
        return next(iter(_PLACES[lang]))

    def say(self, book: str, kind: str, lang: Language, mood: str) -> str:
        """A sentence of this kind from the book, its slots filled, opened and ended as people of that mood do."""
        text = self.line(book, kind, lang)
        space = " " if lang == "en" else ""
        if self._rng.random() < _OPENED and not text.startswith("#"):
            text = self.line("words", "opener", lang) + space + text
        if self._rng.random() < _TAILED:
            text += space + self.line("words", f"{mood}_tail", lang)
        return text

    def line(self, book: str, kind: str, lang: Language) -> str:
        """A sentence of this kind from the book with its slots filled, and nothing around it."""
        text = self._rng.choice(self._sentences[book, kind, lang])
        return _SLOT.sub(lambda slot: self.line(book if slot[1] == "brand" else "words", slot[1], lang), text)


def official(brand: str) -> Author:
    """The brand's own account."""
    return Author(author_key=f"demo-{brand}-official", type="brand_owned", verified=True, followers=2_600_000)


def _sentences() -> dict[tuple[str, str, str], list[str]]:
    """Every sentence of ``texts/`` by (book, kind, language)."""
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for book in _BOOKS:
        for line in (files("agents.demo") / "texts" / f"{book}.jsonl").read_text("utf-8").splitlines():
            entry = json.loads(line)
            found[book, entry["kind"], entry["lang"]].append(entry["text"])
    return found
