"""What every callback is: a signature to check, and an order to read out of what it signs."""

import hmac
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import msgspec

from schemas.vocabulary import CommandKind

TOLERANCE_S = 300  # between the sender's clock and ours; what is older may be a recording
LEAST_SECRET = 16  # bytes
_DIGITS = 15  # of a time; more is none

_OBJECT = msgspec.json.Decoder(dict[str, Any])


class Request(NamedTuple):
    """A request as it came. Header names are in lower case; ``query`` is that of the address, decoded."""

    headers: Mapping[str, str]
    body: bytes
    now_s: float
    query: Mapping[str, str] = MappingProxyType({})


class Wish(NamedTuple):
    """An order. ``delivery`` is the sender's name for it: repeated, it counts once. A brand or an incident is named."""

    delivery: str
    kind: CommandKind
    by: str
    brand: str = ""
    incident: str = ""
    text: str = ""
    for_ms: int | None = None  # of a silence


class Nothing(NamedTuple):
    """Sound, but no order of ours."""

    why: str


class Callback(Protocol):
    """What a module of this package exports as ``CALLBACK``."""

    secret: str  # the setting that holds the shared secret

    def refusal(self, secret: str, request: Request) -> str | None:
        """Why a request is not from who has the secret, or not of now; None if it is. Nothing of the body is read."""

    def read(self, request: Request) -> Wish | Nothing:
        """The order in a request that is genuine. Raises ValueError if it is malformed."""


def same(wanted: str, given: str) -> bool:
    """Whether two texts are the same, in a time that tells nothing about where they differ."""
    return hmac.compare_digest(wanted.encode(), given.encode("utf-8", "surrogateescape"))


def fresh(moment: str, now_s: float, per_second: int = 1) -> bool:
    """Whether a time in digits, ``per_second`` to the second, is within the tolerance of now."""
    if not (moment.isascii() and moment.isdigit() and len(moment) <= _DIGITS):
        return False
    return abs(int(moment) / per_second - now_s) <= TOLERANCE_S


def fields(body: bytes) -> dict[str, Any]:
    """The JSON object in a body. Raises ValueError if there is none."""
    try:
        return _OBJECT.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ValueError("the body is no JSON object") from None


def look(found: object, *path: str) -> str:
    """The text at a path of nested objects; empty if there is none."""
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""
