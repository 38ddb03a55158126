"""Why somebody was paged or was not, on ``social.decisions.v1``: what ``tocsin why`` answers from."""

from typing import ClassVar

from schemas.record import Millis, Name, Offset, Record, Uid
from schemas.vocabulary import CommandKind, DecisionOutcome, DecisionReason, Severity


class Decision(Record, frozen=True, kw_only=True, omit_defaults=False):
    """One decision with its reason. ``decision_id`` hashes its causes: a replay makes it again.

    Only what is worth asking about is written: what changes, and of what lasts once an hour. Fields that do not apply
    are empty.
    """

    VERSION: ClassVar[int] = 1

    decision_id: Uid
    brand: Uid
    at: Millis  # end of the deciding minute; of a command the broker's append time
    outcome: DecisionOutcome
    reason: DecisionReason
    incident_id: str = ""
    severity: Severity | None = None  # of the incident
    detector: Name = ""  # that is spoken of; empty: the incident's strongest
    facet: Name = ""  # part of the brand that is spoken of, such as "product:charger"
    score: float = 0.0  # fraction of the detector's threshold
    observed: float = 0.0
    expected: float = 0.0
    unit: Name = ""
    authors: int = 0  # distinct
    min_authors: int = 0
    campaign: Name = ""  # that was on
    command: CommandKind | None = None  # the order that decided, or keeps the page back
    command_id: str = ""
    by: Name = ""  # whose order
    text: Name = ""  # and what they said
    until: Millis | None = None  # end of the silence
    offset: Offset = -1  # of a command on the brand log
    rules: Name
