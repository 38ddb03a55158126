"""Payloads of one source as the lines that ``tocsin adapt`` writes: an object a record, with what kind of one it is."""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from pipeline.adapting import Written, adapt
from pipeline.channels._base import Adapter, Receipt
from schemas.codec import Malformed, encode
from schemas.dead_letter import PAYLOAD_CAP
from schemas.interaction import Interaction, Tombstone
from schemas.post import SocialPost
from schemas.rejected import Rejected

_KINDS: Mapping[type, bytes] = {SocialPost: b"post", Interaction: b"interaction", Tombstone: b"tombstone"}


class Lines:
    """The payloads of a stream, numbered from 0 as the offsets of its raw topic would be."""

    def __init__(self, source: str, adapter: Adapter, receipt: Receipt) -> None:
        self._topic = f"social.raw.{source}.v1"
        self._adapter, self._receipt = adapter, receipt
        self._offset = -1

    def adapted(self, payloads: Iterable[bytes | None]) -> tuple[list[bytes], int]:
        """A line per record, and how many payloads were rejected. None is a payload that was too long to be kept."""
        lines, rejected = [], 0
        for payload in payloads:
            self._offset += 1
            if payload is not None and not payload.strip():
                continue
            answers = self._answers(payload)
            lines += [self._line(one, payload or b"") for one in answers]
            rejected += any(isinstance(one, Malformed) for one in answers)
        return lines, rejected

    def _answers(self, payload: bytes | None) -> list[Written | Malformed]:
        if payload is None:
            return [Malformed("too_long", "the line is too long to be read")]
        return adapt(self._adapter, payload, self._receipt)

    def _line(self, answer: Written | Malformed, payload: bytes) -> bytes:
        if isinstance(answer, Written):
            return b'{"record":"' + _KINDS[type(answer.record)] + b'",' + answer.value[1:] + b"\n"
        rejected = Rejected(
            topic=self._topic, partition=0, offset=self._offset, reason=answer.reason, detail=answer.detail,
            at=self._receipt.received_at, bytes=len(payload), sha256=sha256(payload).hexdigest(),
            payload=payload[:PAYLOAD_CAP].decode("utf-8", "replace"),
        )  # fmt: skip
        return b'{"record":"rejected",' + encode(rejected)[1:] + b"\n"
