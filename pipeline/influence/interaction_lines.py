"""Lines ``actor target unixtime kind`` of a file of interactions, read or refused."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import NamedTuple

from schemas.record import LATEST_MS

KINDS = MappingProxyType({b"RT": "repost", b"MT": "mention", b"RE": "reply"})
LATEST_S = LATEST_MS // 1000

_FIELDS = 4
_LONGEST = 1_000  # bytes of a name; longer ones are rubbish


class BadLine(NamedTuple):
    """A line that is no interaction: its place in the batch, from 0, and why."""

    place: int
    reason: str


class Said(NamedTuple):
    """One interaction; ``at`` in s since 1970, ``kind`` a word of ``InteractionType``."""

    actor: str
    target: str
    at: int
    kind: str


def read_line(line: bytes) -> Said:
    """The interaction in a line. Raises ValueError, which says what to write instead."""
    fields = line.split()
    if len(fields) != _FIELDS:
        raise ValueError(f"{len(fields)} fields; write: actor target unixtime kind")
    actor, target, at, kind = fields
    if kind not in KINDS:
        raise ValueError(f"kind {_shown(kind)}; write RT, MT or RE")
    if not at.isdigit() or len(at) > len(str(LATEST_S)) or not 0 < int(at) <= LATEST_S:
        raise ValueError(f"time {_shown(at)}; write whole seconds since 1970, at most {LATEST_S}")
    if max(len(actor), len(target)) > _LONGEST:
        raise ValueError(f"a name of more than {_LONGEST} bytes")
    try:
        return Said(actor.decode(), target.decode(), int(at), KINDS[kind])
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None


def read_lines(lines: Sequence[bytes]) -> tuple[list[Said], list[BadLine]]:
    """The interactions of a batch, and the lines that are none. Blank lines are nothing."""
    good, bad = [], []
    for place, line in enumerate(lines):
        if not line.strip():
            continue
        try:
            good.append(read_line(line))
        except ValueError as error:
            bad.append(BadLine(place, str(error)))
    return good, bad


def _shown(field: bytes) -> str:
    return repr(field[:40].decode(errors="replace"))
