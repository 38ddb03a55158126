"""Alerts, pages and findings that stand in ClickHouse, told again without the posts that were withdrawn since."""

from collections.abc import Mapping
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


class Columns(NamedTuple):
    """What a row has instead: columns of text, counts, and maps of text."""

    texts: dict[str, str]
    counts: Mapping[str, int] = MappingProxyType({})
    maps: Mapping[str, Mapping[str, str]] = MappingProxyType({})


def finding(evidence: str, gone: Gone) -> Columns:
    """A row of ``findings`` by its evidence."""
    return Columns({"evidence": _json(_left(_EVIDENCE(evidence), gone))})


def alert(document: str, gone: Gone) -> Columns:
    """A row of ``alerts`` by its document."""
    left = _alert(_ALERT(document), gone)
    texts = {"evidence": _json(left.evidence), "document": _json(left)}
    return Columns(texts, {"quoted": left.quoted, "withdrawn": left.withdrawn})


def page(document: str, gone: Gone) -> Columns:
    """A row of ``pages`` by its document; its text is written anew."""
    told = _PAGE(document)
    left = _alert(told.alert, gone)
    title, body = render(left)
    texts = {"alert": _json(left), "document": _json(replace(told, title=title, body=body, alert=left))}
    return Columns(texts, maps={"title": title, "body": body})


def needles(subjects: frozenset[str]) -> list[str]:
    """What is written in a record that quotes a post which one of the subjects withdraws."""
    return [needle for subject in sorted(subjects) for needle in _needles(subject)]


def _needles(subject: str) -> list[str]:
    if subject.startswith(AUTHOR):
        return [f'"author_key":{_json(subject.removeprefix(AUTHOR))}']
    uid = _json(subject.removeprefix(POST))
    return [f'"post_uid":{uid}', f'"repost_of":{uid}']


def _alert(told: Alert, gone: Gone) -> Alert:
    left = _left(told.evidence, gone)
    withdrawn = told.withdrawn + len(told.evidence) - len(left)
    quoted = max(told.quoted, len(left) + withdrawn)  # earlier versions did not count them
    return replace(told, evidence=left, withdrawn=withdrawn, quoted=quoted)


def _left(evidence: tuple[Evidence, ...], gone: Gone) -> tuple[Evidence, ...]:
    return tuple(post for post in evidence if not gone.concerns(post))


def _json(value: object) -> str:
    return encode(value).decode()
