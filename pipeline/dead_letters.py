"""An unusable record as an output to its dead-letter topic."""

from pipeline.stage import Input, Output
from schemas.codec import Malformed
from schemas.dead_letter import PAYLOAD_CAP, headers


def dead_letter(topic: str, partition: int, record: Input, why: Malformed) -> Output:
    """The dead letter of ``record`` of ``topic``, on the same partition of ``<topic>.dlq``."""
    payload = record.value or b""
    stamped = headers(topic, partition, record.offset, why.reason, why.detail, payload)
    key = record.key[:PAYLOAD_CAP] if record.key else record.key
    return Output(f"{topic}.dlq", partition, key, payload[:PAYLOAD_CAP], stamped)
