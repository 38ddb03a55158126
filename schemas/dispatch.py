"""The outbox of the page stage on ``tocsin.page.state.v1``: what was decided for each page, and how far it is."""

from typing import ClassVar

from schemas.alert import Page
from schemas.record import Millis, Name, Offset, Record, Uid
from schemas.vocabulary import LegStatus, PageAction


class Leg(Record, frozen=True, kw_only=True, omit_defaults=False):
    """One page's way to one target. ``due`` is the sender's clock; ``step`` counts escalations from 0."""

    target: Name
    route: Name
    step: int = 0
    due: Millis
    digest: bool = False  # collected, told with others


class Letter(Record, frozen=True, kw_only=True, tag_field="type", tag="letter", omit_defaults=False):
    """A page and whom it goes to, decided once: a restart, or another routing file, changes nothing of it."""

    VERSION: ClassVar[int] = 1

    page: Page
    offset: Offset  # of the page on its topic: the order in which pages of an incident are told
    at: Millis  # when it was decided
    expires: Millis  # no attempt but the first begins later
    legs: tuple[Leg, ...]


class Mark(Record, frozen=True, kw_only=True, tag_field="type", tag="mark", omit_defaults=False):
    """How far one page is with one target. The last one counts; it outlives its letter until the incident is over."""

    VERSION: ClassVar[int] = 1

    page_id: Uid
    dedup_key: Uid
    brand: Uid
    action: PageAction
    target: Name
    route: Name
    step: int = 0
    status: LegStatus
    digest: bool = False
    attempts: int = 0
    requested_at: Millis  # when it was due
    at: Millis
    not_before: Millis  # no attempt begins earlier
    detail: Name = ""
