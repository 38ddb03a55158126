"""What of the output topics is about one question: fed with their records, one by one."""

from msgspec.structs import replace

from pipeline.stage import Output
from pipeline.why import Known, Question
from schemas.alert import Alert
from schemas.brand_log import Bundle
from schemas.codec import Decoder, Malformed
from schemas.command import EVERY_BRAND, Command
from schemas.decision import Decision
from schemas.drill import of_drill
from schemas.finding import Finding
from schemas.minute import Minute
from schemas.topics import ALERTS, BRAND_LOG, DECISIONS, FINDINGS, MINUTES

_MINUTES: Decoder[Minute] = Decoder(Minute)
_ALERTS: Decoder[Alert] = Decoder(Alert)
_DECISIONS: Decoder[Decision] = Decoder(Decision)
_FINDINGS: Decoder[Finding] = Decoder(Finding)
_LOG: Decoder[Bundle | Command] = Decoder(Bundle | Command)


class Gathering:
    """Keeps what matters; what cannot be read does not."""

    def __init__(self, asked: Question) -> None:
        self._asked, self._key = asked, asked.brand.encode()
        self._first = self._last = 0
        self._marks: dict[int, int] = {}  # source: watermark
        self._minute: Minute | None = None
        self._decisions: dict[str, Decision] = {}
        self._alerts: dict[str, Alert] = {}
        self._findings: dict[str, Finding] = {}

    def take(self, output: Output) -> None:
        """Take one record in."""
        if output.topic == BRAND_LOG.name:
            self._progress(output)
        elif output.topic == MINUTES.name:
            self._closed(output)
        elif output.topic == ALERTS.name and output.key == self._key:
            alert = _ALERTS.decode(output.value)
            if not isinstance(alert, Malformed) and not of_drill(alert.incident_id):
                self._alerts[alert.alert_id] = alert
        elif output.topic == DECISIONS.name and output.key in (self._key, EVERY_BRAND.encode()):
            decision = _DECISIONS.decode(output.value)
            if not isinstance(decision, Malformed):
                self._decisions[decision.decision_id] = decision

        elif output.topic == FINDINGS.name and output.key == self._key:
            self._found(output)

    def _found(self, output: Output) -> None:
        """Only parts of the brand: what the brand's own detectors saw is in its minute."""
        finding = _FINDINGS.decode(output.value)
        if isinstance(finding, Finding) and finding.facet:
            self._findings[finding.finding_id] = finding

    def _closed(self, output: Output) -> None:
        minute = _MINUTES.decode(output.value)
        if isinstance(minute, Malformed):
            return
        self._first = min(self._first or minute.minute, minute.minute)
        self._last = max(self._last, minute.minute + minute.bucket_ms)
        if minute.brand == self._asked.brand and minute.minute == self._asked.start:
            self._minute = minute if self._minute is None else whole(self._minute, minute)

    def _progress(self, output: Output) -> None:
        bundle = _LOG.decode(output.value)
        if isinstance(bundle, Bundle):
            told = bundle.progress
            self._marks[told.source] = max(self._marks.get(told.source, 0), told.watermark)

    def known(self) -> Known:
        """What was gathered."""
        through = min(self._marks.values(), default=0)
        closed = max(self._last, through - through % self._asked.bucket)
        decisions, alerts = tuple(self._decisions.values()), tuple(self._alerts.values())
        return Known(self._first, closed, self._minute, decisions, alerts, tuple(self._findings.values()))


def whole(one: Minute, other: Minute) -> Minute:
    """Two revisions of a minute as one: a later one corrects the totals, only the first has what detectors saw."""
    first, last = sorted((one, other), key=lambda minute: minute.revision)
    if last.scores:
        return last
    return replace(last, scores=first.scores, observed=first.observed, expected=first.expected)
