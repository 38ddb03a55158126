"""Payloads of every channel and what must become of them, from ``tests/golden/channels/<source>.jsonl``.

A line is {"about", "payload", "records"}. A record names what it must have: "record" is the kind, a dotted name a
deeper field ("author.handle", "media.0.url"), and times are written as ISO 8601.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from msgspec.json import encode

from pipeline.adapting import Written, adapt, adapters
from pipeline.channels._base import Receipt
from schemas.codec import Malformed
from schemas.interaction import Interaction, Tombstone
from schemas.post import SocialPost

Json: TypeAlias = Any

FOLDER = Path(__file__).parent / "golden" / "channels"
ADAPTERS = adapters()
RECEIPT = Receipt(received_at=1_795_312_500_000, secret=b"secret of the tests", key_id="test")
KINDS = {SocialPost: "post", Interaction: "interaction", Tombstone: "tombstone"}
TIMES = frozenset({"event_time", "edited_at", "effective_at", "until", "author.account_created_at", "poll.ends_at"})
ABSENT = object()


class Example(NamedTuple):
    """One payload of a source."""

    source: str
    about: str
    payload: Json
    records: list[dict[str, Json]]

    def answers(self) -> list[Written | Malformed]:
        """What becomes of the payload."""
        return answers(self.source, self.payload)


def answers(source: str, payload: Json) -> list[Written | Malformed]:
    return adapt(ADAPTERS[source], json.dumps(payload).encode(), RECEIPT)


def examples() -> Iterator[Example]:
    for file in sorted(FOLDER.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield Example(source=file.stem, **json.loads(line))


def kind(answer: Written | Malformed) -> str:
    return "rejected" if isinstance(answer, Malformed) else KINDS[type(answer.record)]


def field(answer: Written | Malformed, path: str) -> Json:
    """The value at a dotted name, as JSON; ABSENT if there is none."""
    value: Json = answer.record if isinstance(answer, Written) else answer
    for name in path.split("."):
        if isinstance(value, tuple | list):
            value = value[int(name)] if int(name) < len(value) else ABSENT
        else:
            value = value.get(name, ABSENT) if isinstance(value, dict) else getattr(value, name, ABSENT)
    return ABSENT if value is ABSENT else json.loads(encode(value))


def wanted(path: str, value: Json) -> Json:
    """What a record of the file means: times in milliseconds."""
    if path in TIMES or path.endswith(".event_time"):
        return round(datetime.fromisoformat(value).timestamp() * 1_000)
    return value


def leaves(value: Json) -> Iterator[Json]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def lost(payload: Json, written: list[Written]) -> list[str]:
    """Leaves of a payload that none of its records tells verbatim."""
    told = {str(leaf) for one in written for leaf in leaves(json.loads(one.value))}
    return [str(leaf) for leaf in leaves(payload) if str(leaf) not in told]
