"""How a rejected record travels: value = the original bytes (capped), headers = KIP-298 names plus our reason code."""

from collections.abc import Iterable
from hashlib import sha256

from schemas.rejected import Rejected
from schemas.vocabulary import RejectReason

PAYLOAD_CAP = 65_536  # bytes of the original kept; a longer one is cut and known by its hash
ATTEMPTS = "tocsin-attempts"
REPLAYED = "tocsin-replayed"
DIGITS = 18  # of a number in a header; it must fit 64 bits
Headers = tuple[tuple[str, bytes], ...]


def headers(
    topic: str, partition: int, offset: int, reason: RejectReason, detail: str, payload: bytes, attempts: int = 1
) -> Headers:
    """Headers of the dead letter for one bad record. ``payload`` is the whole original value.

    ``attempts`` is how many times the record was read in vain, replays included.
    """
    named = {
        "__connect.errors.topic": topic,
        "__connect.errors.partition": str(partition),
        "__connect.errors.offset": str(offset),
        "__connect.errors.stage": "VALUE_CONVERTER",
        "__connect.errors.exception.class.name": reason,
        "__connect.errors.exception.message": detail,
        "tocsin-reason-code": reason,
        "tocsin-payload-bytes": str(len(payload)),
        "tocsin-payload-sha256": sha256(payload).hexdigest(),
        ATTEMPTS: str(attempts),
    }
    return tuple((name, value.encode("utf-8", "replace")) for name, value in named.items())


def attempts(sent: Iterable[tuple[str, bytes]]) -> int:
    """Which attempt a record is, or how many a dead letter tells of: 1 unless a replay said more."""
    return max(_number(sent, ATTEMPTS) or 1, 1)


def replayed(offset: int) -> Headers:
    """Headers of the mark that a replay appends to the partition of the dead letter at ``offset``."""
    return ((REPLAYED, str(offset).encode()),)


def replayed_offset(sent: Iterable[tuple[str, bytes]]) -> int | None:
    """The offset of the dead letter that a mark speaks of; None if the record is no mark."""
    return _number(sent, REPLAYED)


def _number(sent: Iterable[tuple[str, bytes]], name: str) -> int | None:
    said = dict(sent).get(name) or b""
    return int(said) if said.isdigit() and len(said) <= DIGITS else None


def read(sent: Headers, value: bytes | None, appended_at: int) -> Rejected:
    """The row of a dead letter, from its headers and value.

    Raises:
        KeyError: a header is missing, so this is no dead letter of ours.
        ValueError: a number is none.
    """
    given = {name: (value or b"").decode("utf-8", "replace") for name, value in sent}  # Kafka allows null
    return Rejected(
        topic=given["__connect.errors.topic"],
        partition=int(given["__connect.errors.partition"]),
        offset=int(given["__connect.errors.offset"]),
        reason=given["tocsin-reason-code"],  # type: ignore[arg-type]  # checked where it was written
        detail=given["__connect.errors.exception.message"],
        at=appended_at,
        bytes=int(given["tocsin-payload-bytes"]),
        sha256=given["tocsin-payload-sha256"],
        payload=(value or b"").decode("utf-8", "replace"),
    )
