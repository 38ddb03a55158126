"""Outputs to and from the dead-letter topics: an unusable record, the same record once more, and the mark of that."""

from pipeline.dead_letter_queue import Letter
from pipeline.stage import Input, Output
from schemas.codec import Malformed
from schemas.dead_letter import ATTEMPTS, PAYLOAD_CAP, attempts, headers, replayed


def dead_letter(topic: str, partition: int, record: Input, why: Malformed) -> Output:
    """The dead letter of ``record`` of ``topic``, on the same partition of ``<topic>.dlq``.

    A record that was replayed keeps the number of its attempt.
    """
    payload = record.value or b""
    stamped = headers(topic, partition, record.offset, why.reason, why.detail, payload, attempts(record.headers))
    key = record.key[:PAYLOAD_CAP] if record.key else record.key
    return Output(f"{topic}.dlq", partition, key, payload[:PAYLOAD_CAP], stamped)


def again(letter: Letter) -> Output:
    """The bad record of a whole letter as it was, to be read once more as the next attempt."""
    said = letter.rejected
    return Output(said.topic, said.partition, letter.key, letter.value, ((ATTEMPTS, b"%d" % (letter.attempts + 1)),))


def replay_mark(letter: Letter) -> Output:
    """What is appended to the dead letter's own partition when it was replayed."""
    at = letter.address
    return Output(at.topic, at.partition, letter.key, b"", replayed(at.offset))
