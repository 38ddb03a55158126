"""How a rejected record travels: value = the original bytes (capped), headers = KIP-298 names plus our reason code."""

from hashlib import sha256

from schemas.rejected import Rejected
from schemas.vocabulary import RejectReason

PAYLOAD_CAP = 65_536  # bytes of the original kept; a longer one is cut and known by its hash
Headers = tuple[tuple[str, bytes], ...]


def headers(topic: str, partition: int, offset: int, reason: RejectReason, detail: str, payload: bytes) -> Headers:
    """Headers of the dead letter for one bad record. ``payload`` is the whole original value."""
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
    }
    return tuple((name, value.encode("utf-8", "replace")) for name, value in named.items())


def read(sent: Headers, value: bytes | None, appended_at: int) -> Rejected:
    """The row of a dead letter, from its headers and value.

    Raises:
        KeyError: a header is missing, so this is no dead letter of ours.
        ValueError: a number is none.
    """
    given = {name: value.decode("utf-8", "replace") for name, value in sent}
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
