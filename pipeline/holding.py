"""After a responder has resolved an incident, what burns on as before is not told as news."""

import msgspec

from pipeline.incidents import Context, Incident, facts
from pipeline.policy import RANK, severity
from schemas.vocabulary import Severity

WORSE = 2.0  # a level so many times that of the resolved incident is news


class Hold(msgspec.Struct, frozen=True):
    """Until ``until`` (event time, ms) only worse than this opens an incident again."""

    until: int
    severity: Severity
    ratio: float  # observed / expected
    by: str

    @classmethod
    def of(cls, incident: Incident, context: Context) -> "Hold":
        """The hold that begins when an incident is resolved by order; as long as calm would have had to last."""
        until = context.at + context.rules.quiet_s * 1000
        by = incident.closing.by if incident.closing else ""
        return cls(until, incident.severity, facts(incident, context.harmful).ratio, by)

    def keeps(self, incident: Incident, context: Context) -> bool:
        """Whether what would open now is what was resolved."""
        known = facts(incident, context.harmful)
        worse = RANK[severity(known)] > RANK[self.severity] or known.ratio >= WORSE * self.ratio
        return context.at < self.until and not worse
