"""What an incident would be without the accounts that seem to be run in bulk: a second severity beside the raw one."""

from typing import NamedTuple

from pipeline.account import measure_of
from pipeline.clusters import MEASURES
from pipeline.detectors._base import Verdict
from pipeline.incidents import Incident
from pipeline.policy import Facts, severity
from pipeline.running import BULK
from schemas.vocabulary import Severity


class Discount(NamedTuple):
    """``share`` (0 to 1) of what the leading level counts comes from suspected accounts; ``severity`` without them."""

    share: float
    severity: Severity


def discount(incident: Incident, lead: Verdict, known: Facts) -> Discount:
    """Take the posts of suspected accounts out of the counts, and their part out of the leading level.

    Detectors are not asked again: a level that is normal without them counts as no harm.
    """
    split = dict(zip(MEASURES, incident.account.splits.get(BULK, ()), strict=False))
    measure, counts = measure_of(lead.unit), incident.counts
    share = min(split.get(measure, 0) / max(getattr(counts, measure), 1), 1.0)
    ratio = known.ratio * (1 - share)
    rest = known._replace(
        harmful=known.harmful if ratio > 1 or not share else 0,
        ratio=ratio,
        complaints=max(counts.complaints - split.get("complaints", 0), 0),
        critical=max(counts.critical - split.get("critical", 0), 0),
    )
    return Discount(round(share, 4), severity(rest) if share else incident.severity)
