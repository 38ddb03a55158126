"""Who endorsed an author last, as sentences: the reasons that are stored with a score."""

import msgspec

from pipeline.figures import amount, clock
from pipeline.wording.console import ConsoleWording
from schemas.endorsement import Reason

SHOWN = 3  # as many as a score keeps

_REASONS = msgspec.json.Decoder(tuple[Reason, ...])


def endorsers(reasons: str, words: ConsoleWording, now: int) -> tuple[str, ...]:
    """A sentence each, the latest first; none for what cannot be read, which nobody of ours has written.

    ``reasons`` is the column of the table ``influence``: JSON of at most three ``Reason`` records.
    """
    try:
        found = _REASONS.decode(reasons)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return ()
    return tuple(_sentence(one, words, now) for one in found[:SHOWN])


def _sentence(one: Reason, words: ConsoleWording, now: int) -> str:
    did = words.endorsements.get(one.kind, words.endorsements[""])
    return words.endorsed.format(who=f"{one.actor}…", did=did, when=clock(one.at, now), added=amount(one.added))
