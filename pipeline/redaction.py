"""Alerts, pages and findings that stand in ClickHouse, told again without the posts that were withdrawn since."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from pipeline.page_text import render
from pipeline.withdrawing import Gone
from schemas.alert import Alert, Page
from schemas.brand_log import Evidence
from schemas.codec import encode
from schemas.withdrawal import AUTHOR, POST

_ALERT = msgspec.json.Decoder(Alert).decode
_PAGE = msgspec.json.Decoder(Page).decode
_EVIDENCE = msgspec.json.Decoder(tuple[Evidence, ...]).decode


Hidden = Callable[[Evidence], bool]


class Columns(NamedTuple):
    """What a row has instead: columns of text, counts, and maps of text."""

    texts: dict[str, str]
    counts: Mapping[str, int] = MappingProxyType({})
    maps: Mapping[str, Mapping[str, str]] = MappingProxyType({})


def finding(evidence: str, gone: Gone) -> Columns:
    """A row of ``findings`` by its evidence."""
    return Columns({"evidence": _json(_left(_EVIDENCE(evidence), gone.concerns))})


def alert(document: str, gone: Gone) -> Columns:
    """A row of ``alerts`` by its document."""
    left = _alert(_ALERT(document), gone.concerns)
    texts = {"evidence": _json(left.evidence), "document": _json(left)}
    return Columns(texts, {"quoted": left.quoted, "withdrawn": left.withdrawn})


def page(document: str, gone: Gone) -> Columns:
    """A row of ``pages`` by its document; its text is written anew."""
    left = without(_PAGE(document), gone.concerns)
    return Columns({"alert": _json(left.alert), "document": _json(left)}, maps={"title": left.title, "body": left.body})


def without(told: Page, hidden: Hidden) -> Page:
    """The page without the posts that are hidden, in words that count them; the same one if it quotes none."""
    if not any(map(hidden, told.alert.evidence)):
        return told
    left = _alert(told.alert, hidden)
    title, body = render(left)
    return replace(told, title=title, body=body, alert=left)


def needles(subjects: frozenset[str]) -> list[str]:
    """What is written in a record that quotes a post which one of the subjects withdraws."""
    return [needle for subject in sorted(subjects) for needle in _needles(subject)]


def _needles(subject: str) -> list[str]:
    if subject.startswith(AUTHOR):
        return [f'"author_key":{_json(subject.removeprefix(AUTHOR))}']
    uid = _json(subject.removeprefix(POST))
    return [f'"post_uid":{uid}', f'"repost_of":{uid}']


def _alert(told: Alert, hidden: Hidden) -> Alert:
    left = _left(told.evidence, hidden)
    withdrawn = told.withdrawn + len(told.evidence) - len(left)
    quoted = max(told.quoted, len(left) + withdrawn)  # earlier versions did not count them
    return replace(told, evidence=left, withdrawn=withdrawn, quoted=quoted)


def _left(evidence: tuple[Evidence, ...], hidden: Hidden) -> tuple[Evidence, ...]:
    return tuple(post for post in evidence if not hidden(post))


def _json(value: object) -> str:
    return encode(value).decode()
