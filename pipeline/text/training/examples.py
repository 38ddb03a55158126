"""The labelled posts that this package brings along, what must hold for their labels, and what makes two alike."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from schemas.vocabulary import Category, Intent, Sentiment

Script = Literal["zh-Hans", "zh-Hant", "en", "mixed"]
Phenomenon = Literal[
    "plain", "negation", "double_negation", "sarcasm", "code_mixed", "news_neutral", "emoji", "short",
    "dialect_cantonese_taiwan", "ad_spam", "rhetorical_question", "quoted_third_party", "condition_hypothetical",
    "past_resolved", "comparison", "idiom_chengyu", "complaint_with_positive_words", "praise_with_negative_words",
    "long",
]  # fmt: skip
_UNFEELING = frozenset({"ad_spam", "news_neutral"})
_SHINGLE = {True: 22, False: 7}  # characters by "is Latin": about four words, about three of Chinese
_ALIKE = 0.45  # share of the shingles of a text that another one has too


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One post and its labels, as ``corpus/README.md`` defines them; the category of no complaint is ``none``."""

    id: str
    lang: Script
    text: Annotated[str, Meta(min_length=1)]
    sentiment: Sentiment
    complaint: Annotated[int, Meta(ge=0, le=1)]
    category: Category | Literal["none"]
    severity: Annotated[int, Meta(ge=0, le=3)]
    intent: Intent
    phenomenon: Phenomenon


def read(lines: bytes) -> list[Example]:
    """Examples from JSON lines. Raises ``msgspec.ValidationError`` for one that is none."""
    return msgspec.json.Decoder(Example).decode_lines(lines)


def corpus() -> list[Example]:
    """All posts of the package, in the order of their files."""
    folder = files(__package__).joinpath("corpus")
    found = sorted((path for path in folder.iterdir() if path.name.endswith(".jsonl")), key=lambda path: path.name)
    return [example for path in found for example in read(path.read_bytes())]


def contradictions(example: Example) -> Iterator[str]:
    """What its labels say that cannot be true together."""
    if (example.complaint == 0) != (example.category == "none") or (example.complaint == 0) != (example.severity == 0):
        yield "no complaint, no category and severity 0 go together"
    if example.complaint and example.intent == "churn" and example.severity < 2:  # noqa: PLR2004  # a label, see README
        yield "a complaint of someone who leaves has at least severity 2"
    if example.phenomenon in _UNFEELING and (example.sentiment != "neu" or example.complaint):
        yield "an advertisement or news is neutral and no complaint"
    if example.phenomenon == "past_resolved" and example.complaint:
        yield "a problem that is solved is no complaint"
    if example.complaint and example.sentiment == "pos":
        yield "a complaint is not positive"


def bare(text: str) -> str:
    """A text without what may differ between copies: width, case, spaces, punctuation, pictographs."""
    return re.sub(r"\W+", "", unicodedata.normalize("NFKC", text).lower())


def shingles(text: str) -> set[str]:
    """Overlapping pieces of the bare text."""
    stripped = bare(text)
    width = _SHINGLE[stripped.isascii()]
    return {stripped[start : start + width] for start in range(max(1, len(stripped) - width + 1))}


def alike(texts: Sequence[str], others: Iterable[str] | None = None) -> list[tuple[int, int]]:
    """Pairs of which the first shares nearly half its shingles with the second, by position.

    The second is a later one of ``texts``, or one of ``others`` if those are given.
    """
    holders: defaultdict[str, list[int]] = defaultdict(list)
    pairs = []
    if others is not None:
        for number, text in enumerate(others):
            for piece in shingles(text):
                holders[piece].append(number)
    for number, text in enumerate(texts):
        pieces = shingles(text)
        shared = Counter(holder for piece in pieces for holder in holders.get(piece, ()))
        pairs += [(number, holder) for holder, count in shared.most_common(1) if count >= _ALIKE * len(pieces)]
        if others is None:
            for piece in pieces:
                holders[piece].append(number)
    return pairs
