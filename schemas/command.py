"""What responders tell Tocsin, on the brand log among all that decides: acknowledge, silence, resolve, note."""

from typing import Annotated, ClassVar

from msgspec import Meta

from schemas.record import Millis, Name, Record, Uid
from schemas.vocabulary import CommandKind, Severity

EVERY_BRAND = "*"  # in place of a brand; no id of a watch list has this character
LONGEST_MS = 30 * 86_400_000  # a silence ends at most so long after the broker has it
LONGEST_BY = 100  # characters
LONGEST_TEXT = 1_000
MOST_VALUES = 16  # of one condition of a matcher

Person = Annotated[str, Meta(min_length=1, max_length=LONGEST_BY, description="who says so")]
Said = Annotated[str, Meta(max_length=LONGEST_TEXT, description="words for people")]
Names = Annotated[tuple[Name, ...], Meta(max_length=MOST_VALUES)]


class Matcher(Record, frozen=True, kw_only=True):
    """Which incidents of a brand are meant: all conditions that are given must hold; none means any incident.

    ``detectors``: no other detector of harm has alarmed. ``severities``: it is one of these. ``facets`` (such as
    "product:charger"): more than half of the complaints are about one of them.
    """

    detectors: Names = ()
    severities: Annotated[tuple[Severity, ...], Meta(max_length=MOST_VALUES)] = ()
    facets: Names = ()


class Command(Record, frozen=True, kw_only=True, tag_field="type", tag="command", omit_defaults=False):
    """One order of a responder. The broker's append time is when it was given; the same ``command_id`` counts once.

    ``target`` names the incident (ack, resolve, note) or the silence (unsilence) that is meant; empty: the open
    incident of the brand, or every silence of it. ``starts`` and ``until`` are of silences and maintenance only.
    """

    VERSION: ClassVar[int] = 1

    command_id: Uid
    kind: CommandKind
    brand: Uid  # EVERY_BRAND: all of them, on every partition
    by: Person
    text: Said = ""
    matcher: Matcher = Matcher()
    target: Annotated[str, Meta(max_length=256)] = ""
    starts: Millis | None = None  # None: at once
    until: Millis | None = None
