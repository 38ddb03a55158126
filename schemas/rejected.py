"""A record that could not be used: where it was, why, and its bytes (capped, with the hash of all of them)."""

from typing import ClassVar

from schemas.record import Name, Offset, Partition, Record
from schemas.vocabulary import RejectReason


class Rejected(Record, frozen=True, kw_only=True, omit_defaults=False):
    """One row of ``rejected``; on the wire it is the original bytes with headers, see ``schemas.dead_letter``."""

    VERSION: ClassVar[int] = 1

    topic: Name
    partition: Partition
    offset: Offset
    reason: RejectReason
    detail: Name
    at: int  # broker's append time of the bad record, ms
    bytes: int  # full length
    sha256: Name
    payload: str  # at most dead_letter.PAYLOAD_CAP bytes, undecodable ones replaced
