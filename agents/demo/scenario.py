"""The demo's posts: what ``timetable`` schedules, told in the words and by the people of ``cast``."""

from collections import defaultdict
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from agents.demo.cast import Cast, Place, official
from agents.demo.timetable import MINUTE_MS, Script, scenes, script
from schemas.author import Author
from schemas.post import SocialPost
from schemas.post_parts import Rating, RefPost
from schemas.vocabulary import Language

__all__ = ["DEFAULT_SIZE", "Script", "posts", "script"]

DEFAULT_SIZE = 30_000
_HOUR_MS = 60 * MINUTE_MS
_ABROAD_AFTER = 15  # minutes until Taiwan, Hong Kong and travellers join
_STARS = {"praise": 5, "talk": 4, "question": 4, "complaint": 2, "crisis": 1}
_KINDS = {"praise": 22, "talk": 46, "question": 22, "complaint": 10}
_LANGUAGES: dict[str, dict[Language, int]] = {
    "zelvo": {"zh-Hans": 60, "zh-Hant": 20, "en": 20},
    "munchkite": {"zh-Hans": 68, "zh-Hant": 16, "en": 16},
    "aurelane": {"zh-Hans": 46, "zh-Hant": 20, "en": 34},
    "passers_by": {"zh-Hans": 60, "zh-Hant": 20, "en": 20},
    "campaign": {"zh-Hans": 80, "zh-Hant": 12, "en": 8},
    "crisis": {"zh-Hans": 58, "zh-Hant": 24, "en": 18},
}


class Speech(NamedTuple):
    """One post before it has an id and a time. ``of`` is the post it repeats."""

    lang: Language
    place: Place
    author: Author
    text: str
    mood: str
    of: SocialPost | None = None


def posts(seed: int, end_ms: int, size: int = DEFAULT_SIZE) -> Iterator[SocialPost]:
    """The ``size`` posts of the day before ``end_ms``, in order of time; the same seed and end give the same bytes.

    Ordinary life is 91 % of them. See ``script`` for what happens besides.
    """
    rng = Random(seed)  # noqa: S311  # a script, not a secret
    narrator = _Narrator(rng, Cast(rng, max(size // 8, 40)), script(end_ms))
    for number, (at, story) in enumerate(sorted(scenes(rng, end_ms, size))):
        speech = narrator.tell(story, at)
        post = _post(f"{end_ms // _HOUR_MS:x}-{number}", at, speech)
        narrator.remember(story, post)
        yield post


class _Narrator:
    """Decides who says what, knowing what was said before."""

    def __init__(self, rng: Random, cast: Cast, day: Script) -> None:
        self._rng, self._cast, self._day = rng, cast, day
        self._said: dict[tuple[str, str | None], list[SocialPost]] = defaultdict(list)  # by story and language

    def remember(self, story: str, post: SocialPost) -> None:
        """Let a post of the crisis or the campaign be repeated by later ones."""
        if story in {"crisis", "campaign"} and post.kind != "repost" and post.channel == "microblog":
            self._said[story, post.lang].append(post)

    def tell(self, story: str, at: int) -> Speech:
        """The next post of a story."""
        if story == "crisis":
            return self._crisis((at - self._day.onset) / MINUTE_MS, answered=at >= self._day.statement)
        if story == "campaign":
            return self._campaign()
        if story == "statement":
            return self._official(self._day.crisis_brand, "statement")
        return self._ordinary(story)

    def _ordinary(self, book: str) -> Speech:
        lang = self._language(book)
        kind = "talk" if book == "passers_by" else self._pick(_KINDS)
        text = self._cast.say(book, kind, lang, kind)
        return Speech(lang, self._cast.place(lang), self._cast.regular(lang), text, kind)

    def _campaign(self) -> Speech:
        """The brand announces its lottery, everybody else reposts it."""
        brand = self._day.campaign_brand
        announced = self._said["campaign", "zh-Hans"]
        if not announced:
            return self._official(brand, "campaign")
        lang = self._language("campaign")
        text = self._cast.say(brand, "campaign", lang, "praise")
        place = self._cast.square(lang)._replace(kind="repost")
        return Speech(lang, place, self._cast.anyone(lang), text, "praise", announced[0])

    def _official(self, brand: str, kind: str) -> Speech:
        text = self._cast.line(brand, kind, "zh-Hans")
        return Speech("zh-Hans", self._cast.square("zh-Hans"), official(brand), text, "talk")

    def _crisis(self, minute: float, *, answered: bool) -> Speech:
        lang: Language = "zh-Hans" if minute < _ABROAD_AFTER else self._language("crisis")
        kind = self._pick(_crisis_kinds(minute, answered=answered))
        earlier = self._said["crisis", lang]
        if kind == "crisis_repost" and earlier:
            return self._repost(lang, earlier[int(len(earlier) * self._rng.random() ** 3)])  # early ones spread most
        if kind == "crisis_repost" or (kind == "crisis_first" and lang != "zh-Hans"):
            kind = "crisis_spread"
        mood = "talk" if kind == "crisis_after" else "crisis"
        text = self._cast.say(self._day.crisis_brand, kind, lang, mood)
        return Speech(lang, self._cast.place(lang), self._cast.anyone(lang), text, mood)

    def _repost(self, lang: Language, of: SocialPost) -> Speech:
        text = f"{self._cast.line(self._day.crisis_brand, 'crisis_repost', lang)} // {of.text}"
        place = self._cast.square(lang)._replace(kind="repost")
        return Speech(lang, place, self._cast.anyone(lang), text, "crisis", of)

    def _language(self, story: str) -> Language:
        return self._rng.choices(list(_LANGUAGES[story]), list(_LANGUAGES[story].values()))[0]

    def _pick(self, weights: dict[str, int]) -> str:
        return self._rng.choices(list(weights), list(weights.values()))[0]


def _crisis_kinds(minute: float, *, answered: bool) -> dict[str, int]:
    """How likely each kind of crisis post is so many minutes in, and after the company's answer."""
    if answered:
        return {"crisis_after": 60, "crisis_spread": 18, "crisis_repost": 17, "crisis_injury": 5}
    if minute < _ABROAD_AFTER:
        return {"crisis_first": 80, "crisis_spread": 10, "crisis_repost": 10}
    return {"crisis_spread": 48, "crisis_repost": 30, "crisis_injury": 14, "crisis_first": 8}


def _post(native: str, at: int, speech: Speech) -> SocialPost:
    place, of = speech.place, speech.of
    original = (RefPost(uid=of.post_uid, text=of.text, event_time=of.event_time),) if of else ()
    return SocialPost(
        post_uid=f"{place.platform}:{native}",
        native_id=native,
        url=f"https://example.invalid/p/{native}",
        platform=place.platform,
        channel=place.channel,
        kind=place.kind,
        visibility=place.visibility,
        author=speech.author,
        text=speech.text,
        lang=speech.lang,
        repost_of_uid=of.post_uid if of else None,
        ref_posts=original,
        rating=Rating(value=_STARS[speech.mood], min=1, max=5) if place.channel == "review" else None,
        event_time=at,
    )
