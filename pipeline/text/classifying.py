"""Lines of JSON in, lines of JSON out: what is understood of each post, or why it could not be read."""

import json
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec
import orjson
from msgspec import UNSET, Raw, UnsetType

from pipeline.text.fingerprint import fingerprints
from pipeline.text.safety import Safety
from pipeline.text.understanding import Reader
from schemas.vocabulary import Category, Intent, Language, Sentiment

BATCH = 500  # posts that are understood at once
LONGEST = 1 << 20  # bytes of a line
COMPLAINT = 0.5  # probability from which on a post is a complaint

_NULL = Raw(b"null")
_EXCERPT = 200  # characters of an error message, which may quote the input


class Verdict(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is understood of one post. ``id`` is that of its line, or the number of the line."""

    id: Raw | int
    lang: Language
    sentiment: Sentiment
    polarity: float
    complaint_p: float
    category: Category | Literal["none"]  # none where it is no complaint
    severity: int
    intensity: float
    intent: Intent
    why: tuple[str, ...]
    fingerprint: str  # 16 hex digits: more than fits a number of JSON readers that use floats


class Unreadable(msgspec.Struct, frozen=True, kw_only=True):
    """A line that no post can be made of."""

    id: Raw | int
    error: str


class _Line(msgspec.Struct, frozen=True, gc=False):
    id: Raw = _NULL
    text: Raw | UnsetType = UNSET


class _Post(msgspec.Struct, frozen=True, gc=False):
    id: Raw | int
    text: str


class Classifier:
    """Understands texts, their words of danger included, and takes their fingerprints."""

    def __init__(self, reader: Reader, safety: Safety) -> None:
        self._reader, self._safety = reader, safety

    def classify(self, texts: Sequence[str], ids: Iterable[Raw | int]) -> Iterator[Verdict]:
        """One verdict a text, in order."""
        read = self._safety.raised(self._reader.explain(texts), texts)
        marks = fingerprints(texts)
        for key, mark, lang, sentiment, polarity, probability, category, severity, intent, intensity, why in zip(
            ids, marks, *read, strict=True
        ):
            yield Verdict(
                id=key,
                lang=lang,
                sentiment=sentiment,
                polarity=polarity,
                complaint_p=probability,
                category=category if probability >= COMPLAINT else "none",
                severity=severity,
                intensity=intensity,
                intent=intent,
                why=why,
                fingerprint=f"{mark:016x}",
            )

    def each(self, texts: Sequence[str]) -> Iterator[Verdict]:
        """One verdict a text, however many there are; ids are numbers from 0."""
        for start in range(0, len(texts), BATCH):
            batch = texts[start : start + BATCH]
            yield from self.classify(batch, range(start, start + len(batch)))

    def lines(self, lines: Iterable[bytes | None], first: int) -> Iterator[Verdict | Unreadable]:
        """One verdict or error a line, in order. ``first`` is the number of the first; None is one too long to keep."""
        posts = [_post(line, number) for number, line in enumerate(lines, first)]
        readable = [post for post in posts if isinstance(post, _Post)]
        verdicts = self.classify([post.text for post in readable], [post.id for post in readable])
        for post in posts:
            yield post if isinstance(post, Unreadable) else next(verdicts)


def _post(line: bytes | None, number: int) -> _Post | Unreadable:
    if line is None or len(line) > LONGEST:
        return Unreadable(id=number, error=f"the line is longer than {LONGEST} bytes")
    line = line.removeprefix(BOM_UTF8).strip()
    if not line:
        return Unreadable(id=number, error="the line is empty")
    try:
        read = msgspec.json.decode(line, type=_Line)
        key = _key(read.id, number)
        if read.text is UNSET:
            return Unreadable(id=key, error="there is no field 'text'")
        return _Post(key, msgspec.json.decode(read.text, type=str))
    except msgspec.ValidationError as error:
        return Unreadable(id=_known(line, number), error=f'{error}; write {{"id": ..., "text": "..."}}'[:_EXCERPT])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Unreadable(id=_known(line, number), error=_problem(line)[:_EXCERPT])


def _key(given: Raw, number: int) -> Raw | int:
    """The id of a line as it is written; the number of the line where there is none that can be repeated."""
    try:
        return number if msgspec.json.decode(given) is None else given
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return number


def _known(line: bytes, number: int) -> Raw | int:
    """The id of a line that is otherwise hardly JSON: with bytes that are no UTF-8, or halves of surrogate pairs."""
    try:
        value = json.loads(line.decode(errors="replace"))["id"]
        return number if value is None else Raw(msgspec.json.encode(value))
    except (ValueError, LookupError, TypeError, RecursionError, OverflowError):
        return number


def _problem(line: bytes) -> str:
    """What is wrong with bytes that are not JSON; orjson says it better than msgspec."""
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return f"not JSON in UTF-8: {error}"
    return "nested too deeply"
