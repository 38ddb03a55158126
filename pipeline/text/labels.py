"""Labelled posts of a file, JSONL or CSV, as people made them: checked, and every mistake named with its line."""

import csv
from codecs import BOM_UTF8
from collections.abc import Iterable
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta

from schemas.vocabulary import Category, Intent, Sentiment

_SENTIMENTS = frozenset(get_args(Sentiment))
_COMPLAINTS = frozenset({"0", "1"})
_TOLD = 5  # mistakes that are named at once
_ADVICE = "labels are neg, neu and pos, or 0 and 1 for complaints, or numbers from -1 to 1 for their intensity"


class Labelled(msgspec.Struct, frozen=True, kw_only=True):
    """A post and what is known of it; None where nobody says. The category of no complaint is ``none``."""

    text: str
    sentiment: Sentiment | None = None
    complaint: Annotated[int, Meta(ge=0, le=1)] | None = None
    category: Category | Literal["none"] | None = None
    severity: Annotated[int, Meta(ge=0, le=3)] | None = None
    intent: Intent | None = None
    intensity: Annotated[float, Meta(ge=-1, le=1)] | None = None
    phenomenon: str | None = None
    lang: str | None = None


def jsonl(lines: Iterable[bytes]) -> list[Labelled]:
    """One post a line; empty lines and unknown fields do not matter. Raises ValueError that names lines."""
    decode, found, wrong = msgspec.json.Decoder(Labelled).decode, [], []
    for number, line in enumerate(lines, 1):
        stripped = line.removeprefix(BOM_UTF8).strip()
        if not stripped:
            continue
        try:
            found.append(decode(stripped))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            wrong.append(f"line {number}: {error}")
    return _checked(found, wrong)


def table(lines: Iterable[str]) -> list[Labelled]:
    """Rows of a CSV file with the columns ``text`` and ``label``; other columns do not matter.

    What the labels mean follows from all of them. Raises ValueError that names rows.
    """
    rows = csv.DictReader(lines, restval="")
    missing = [name for name in ("text", "label") if name not in (rows.fieldnames or ())]
    if missing:
        raise ValueError(f"no column {' and '.join(missing)}; the header is: {', '.join(rows.fieldnames or ())}")
    try:
        read = [(row["text"], row["label"].strip()) for row in rows]
    except csv.Error as error:
        raise ValueError(f"line {rows.line_num}: {error}") from error
    labels = {label for _, label in read}
    if labels <= _SENTIMENTS:
        return _converted("sentiment", read)
    return _converted("complaint" if labels <= _COMPLAINTS else "intensity", read)


def _converted(field: str, rows: Iterable[tuple[str, str]]) -> list[Labelled]:
    found, wrong = [], []
    for number, (text, label) in enumerate(rows, 1):
        try:
            found.append(msgspec.convert({"text": text, field: label}, Labelled, strict=False))
        except msgspec.ValidationError:
            wrong.append(f"row {number}: '{label}' is no label; {_ADVICE}")
    return _checked(found, wrong)


def _checked(found: list[Labelled], wrong: list[str]) -> list[Labelled]:
    if wrong:
        more = f"; and {len(wrong) - _TOLD} more" if len(wrong) > _TOLD else ""
        raise ValueError("; ".join(wrong[:_TOLD]) + more)
    if not found:
        raise ValueError("there is no labelled post")
    return found
