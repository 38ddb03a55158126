"""A detector that crossed its threshold on a closed minute."""

from typing import ClassVar

from schemas.record import Millis, Name, Record, Uid


class Finding(Record, frozen=True, kw_only=True, omit_defaults=False):
    """One row of ``findings``. ``finding_id`` hashes detector, brand, minute and rules: a replay makes it again."""

    VERSION: ClassVar[int] = 1

    finding_id: Uid
    detector: Name
    brand: Uid
    at: Millis  # end of the minute
    score: float
    threshold: float
    observed: float
    expected: float
    unit: Name  # what observed and expected count, such as "complaints per minute"
    since: Millis  # start of the evidence
    rules: Name  # hash of watch list and detector configuration
