"""A detector that crossed its threshold on a closed minute, or a single post that does not wait for it to close."""

from typing import ClassVar

from schemas.brand_log import Evidence
from schemas.record import Millis, Name, Record, Uid

AT_ONCE = (
    "critical_post",
    "influential_post",
)  # detectors of listen: they judge posts, and watch knows nothing of them

LEADER_TURNED = "leader_turned"  # of watch, beside its detectors: the facet names the voice by a hash


class Finding(Record, frozen=True, kw_only=True, omit_defaults=False):
    """One row of ``findings``. ``finding_id`` hashes detector, brand, facet, minute and rules: a replay makes it again.

    Of the detectors ``AT_ONCE`` it hashes the text and the hour instead, and ``evidence`` is the post.
    """

    VERSION: ClassVar[int] = 1

    finding_id: Uid
    detector: Name
    brand: Uid
    at: Millis  # end of the minute; time of the post
    score: float
    threshold: float
    observed: float
    expected: float
    unit: Name  # what observed and expected count, such as "complaints per minute"
    since: Millis  # start of the evidence
    rules: Name  # hash of watch list and detector configuration
    evidence: tuple[Evidence, ...] = ()
    facet: Name = ""  # part of the brand that is over the threshold, such as "product:charger"; empty: the brand
