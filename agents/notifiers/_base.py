"""What every notifier is, and the three things that can become of one attempt."""

from collections.abc import Callable, Container, Mapping
from typing import ClassVar, NamedTuple, Protocol, cast, get_args

from pipeline.languages import Language
from schemas.alert import Page

_OK = range(200, 300)
_BUSY = frozenset({408, 429, *range(500, 1000)})  # request timeout, too many requests, server errors


class Delivered(NamedTuple):
    """The target has it."""

    detail: str


class Retry(NamedTuple):
    """It may work later: not before ``after_s`` seconds if the target said so."""

    after_s: float | None
    detail: str


class Refused(NamedTuple):
    """It will never work: the page or the settings are wrong for this target."""

    detail: str


Outcome = Delivered | Retry | Refused


class Notifier(Protocol):
    """One target. ``send`` makes one attempt; no detail, message or repr holds a secret of the settings."""

    name: ClassVar[str]

    async def send(self, page: Page) -> Outcome:
        """Hand ``page`` over; a page that was handed over before is the same page there."""


class NotifierFactory(Protocol):
    """What a module of this package exports as ``NOTIFIER``.

    A class that also has ``per_minute`` says how many pages its target takes in a minute.
    """

    name: ClassVar[str]
    example: ClassVar[Mapping[str, str]]  # settings that are enough, for documentation and the contract suite

    def from_settings(self, options: Mapping[str, str], now_ms: Callable[[], int]) -> Notifier | None:
        """The notifier, or None if nobody asked for it. Raises ValueError if a setting is wrong."""


def language(options: Mapping[str, str]) -> Language:
    """The language of pages for humans, from the setting ``language``."""
    chosen = options.get("language") or "en"
    if chosen not in get_args(Language):
        raise ValueError(f"language: write {' or '.join(get_args(Language))}")
    return cast("Language", chosen)


def judge(status: int, after_s: float | None, accepted: Container[int], said: str = "") -> Outcome:
    """The outcome of an HTTP exchange. A success that is not ``accepted`` came from somebody else, so try again."""
    detail = f"HTTP {status} {said}".rstrip()
    if status in accepted:
        return Delivered(detail)
    if status in _BUSY or status in _OK:
        return Retry(after_s, detail)
    return Refused(detail)
